"""The content, for every test of the scenarios."""

from __future__ import annotations

import pytest

from streamguide.content import Content, load_content


@pytest.fixture(scope="session")
def content() -> Content:
    """Everything in `content/`."""
    return load_content()
