"""The table itself, for every test of the wire."""

from __future__ import annotations

import pytest

from streamguide.files import CONTENT
from streamguide.protocol.load import load
from streamguide.protocol.table import Table


@pytest.fixture(scope="session")
def table() -> Table:
    """The protocol table of the site."""
    return load(CONTENT / "protocol.toml")
