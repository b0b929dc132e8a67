"""Measures what clients of other people do on faults."""
