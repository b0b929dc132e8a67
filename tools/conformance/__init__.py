"""Measures clients by the corpus: `content/conformance.json`, which `make conformance` writes."""
