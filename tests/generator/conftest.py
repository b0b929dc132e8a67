"""Fixtures for tests of literals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.generator.interpreters import Interpreter


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
