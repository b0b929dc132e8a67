"""What all of these tests run Python programs with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.survival.running import Forks


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Runs Python programs without waiting two seconds for each to import the SDK."""
    with Forks("anthropic", "httpx2") as ready:
        yield ready
