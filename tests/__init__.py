"""The tests lie at the paths of what they test; `e2e/` holds those that need a browser."""
