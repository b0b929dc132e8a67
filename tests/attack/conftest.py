"""The site as it is run: by `python app.py`, and by gunicorn with nothing in front."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.live.deployed import GUNICORN, started
from tests.server import Server

ADDRESS = re.compile(r"(?:Streamguide is|Listening) at:? (http://\S+?)/?\s")
COMMANDS = {"app.py": [sys.executable, "app.py"], "gunicorn": [GUNICORN]}
# Where each test takes seconds, gunicorn waits for `make soak`.
ONE_COMMAND = ["app.py", pytest.param("gunicorn", marks=pytest.mark.soak)]


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
