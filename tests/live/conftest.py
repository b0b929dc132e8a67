"""A site with live mode, whose Claude is the simulator of another site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.asking import LiveSite, live_site


@pytest.fixture(scope="package")
def live(site: str) -> Iterator[LiveSite]:
    """Short limits of time, and no other limits that a test could reach."""
    with live_site(site) as running:
        yield running
