"""The site as it is run: by `python app.py`, and by gunicorn with nothing in front."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.live.deployed import GUNICORN, started
from tools.server import Server

ADDRESS = re.compile(r"(?:Streamguide is|Listening) at:? (http://\S+?)/?\s")
COMMANDS = {"app.py": [sys.executable, "app.py"], "gunicorn": [GUNICORN]}


def first_of(values: Iterable[str], *first: str) -> list[Any]:
    """Parameters: only `first` run in `make test`, and all in `make soak`."""
    rest = [value for value in values if value not in first]
    return [*first, *(pytest.param(value, marks=pytest.mark.soak) for value in rest)]


# For tests that take seconds.
ONE_COMMAND = first_of(COMMANDS, "app.py")


@contextmanager
def served(command: str, settings: Mapping[str, str] = {}) -> Iterator[Server]:
    """Run the site by one of the commands."""
    with started(COMMANDS[command], settings, ADDRESS) as site:
        yield site


@pytest.fixture(scope="session", params=COMMANDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The site by each command."""
    with served(request.param) as site:
        yield site
