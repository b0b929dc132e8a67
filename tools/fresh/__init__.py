"""The site's tables beside what a release of the official SDKs knows, pinned or newest."""
