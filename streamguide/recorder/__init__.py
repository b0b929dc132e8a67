"""The recorder: passes requests on to an API, and keeps what is answered as recordings."""
