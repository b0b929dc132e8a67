"""Streamguide: learn streaming with the Claude API by reading, watching and breaking it."""

__version__ = "0.1.0"
