"""Compares the site's tables with the official SDKs, pinned or newest."""
