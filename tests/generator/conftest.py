"""Fixtures for tests of literals and of relays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page

from tests.generator.interpreters import Interpreter
from tests.generator.relays import PATIENCE_MS, Relay, Start, Switch, running


@pytest.fixture(scope="module", params=["python", "javascript", "bash"])
def language(request: pytest.FixtureRequest) -> str:
    """Each language's name."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def interpreter(language: str) -> Iterator[Interpreter]:
    """One interpreter of the language for all texts."""
    with Interpreter(language) as made:
        yield made


@pytest.fixture(scope="module")
def switch(site: str) -> Iterator[Switch]:
    """Stands between the relays and the site."""
    switch = Switch(site)
    yield switch
    switch.close()


@pytest.fixture(scope="module")
def start(switch: Switch, site: str) -> Iterator[Start]:
    """Starts a relay with these options, or gives the one that runs already."""
    started: dict[str, Relay] = {}
    with ExitStack() as stack:

        def start(language: str, **query: str) -> Relay:
            key = f"{language} {query}"
            if key not in started:
                one = running(language, switch.url, site, **query)
                started[key] = stack.enter_context(one)
            return started[key]

        yield start


@pytest.fixture
def opened(page: Page) -> Page:
    """A page that fails its test on any error of a script."""
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    return page
