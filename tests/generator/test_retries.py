"""Who tries again: the program by a loop of its own, its SDK before the answer begins, or nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scripts.survival.cases import Case
from scripts.survival.measure import Measure, measuring
from scripts.survival.running import Ran
from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import read
from streamguide.library import load_library

LIBRARY = load_library()
SPEND_LIMITS = LIBRARY.table.never_retried


@pytest.fixture(scope="module")
def measure(site: str) -> Iterator[Measure]:
    with measuring(LIBRARY, site) as ready:
        yield ready


def met(
    measure: Measure, language: str, recovery: str, fault: str
) -> tuple[Ran, list[dict[str, Any]]]:
    """A run on a fault, after which the server asks for no wait, and its requests."""
    options = read({"language": [language], "recovery": [recovery]}, LIBRARY.models)
    case = Case(fault, f"slow;factor=0+{fault};retry-after=0")
    return measure.run(f"{language} {recovery}", options, case)


@pytest.mark.parametrize(
    ("code", "count"), [*((code, 1) for code in SPEND_LIMITS), ("ramp_limit_exceeded", 3)]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_that_tries_again_itself_does_so_on_a_rate_limit_and_on_no_spend_limit(
    measure: Measure, language: str, code: str, count: int
) -> None:
    ran, requests = met(measure, language, "retry", f"status;code=429;error_code={code}")
    assert (ran.code, len(requests)) == (1, count), ran
    assert "rate_limit_error" in ran.err
