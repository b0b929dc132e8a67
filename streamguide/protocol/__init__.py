"""The wire: what can appear on it (`table`) and how an event becomes bytes (`sse`)."""
