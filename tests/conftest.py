"""Fixtures for all tests: the running site, and the browser that looks at it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import settings

from tests.unpaced import unpaced_site
from tools import browser
from tools.server import running

# A loaded machine is slow, which is not what these tests look for.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the running site, without a slash at the end."""
    with running() as server:
        yield server.url


@pytest.fixture(scope="session")
def unpaced() -> Iterator[str]:
    """The address of a site whose streams do not wait."""
    with unpaced_site() as url:
        yield url


@pytest.fixture(scope="session")
def base_url(site: str) -> str:
    """Lets a browser test say `page.goto("/guide")`."""
    return site


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's fixture, with the browser that `make test` found."""
    path = os.environ.get(browser.VARIABLE) or browser.find()
    return {**browser_type_launch_args, "executable_path": path, "args": browser.LAUNCH_FLAGS}


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's end and the client's end of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    with server, client:
        yield server, client


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test is one that nobody ran: the session fails."""
    # Now, because xdist kills a worker that takes long to exit.
    if measured := Coverage.current():
        measured.save()
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and session.exitstatus == pytest.ExitCode.OK and _not_run(reporter.stats):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests have noted (`record_property("note", …)`), also where they passed."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "note":
                terminalreporter.write_line(f"Note: {value}")


def _not_run(stats: dict[str, list[object]]) -> bool:
    return bool(stats.get("skipped") or stats.get("xfailed"))
