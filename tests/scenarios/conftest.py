"""The library, for every test of the scenarios."""

from __future__ import annotations

import pytest

from streamguide.library import Library, load_library


@pytest.fixture(scope="session")
def library() -> Library:
    """Everything in `content/`."""
    return load_library()
