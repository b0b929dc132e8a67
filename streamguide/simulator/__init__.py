"""Scenarios as real HTTP streams."""
