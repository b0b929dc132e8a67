"""Who tries again: the program by a loop of its own, its SDK before the answer begins, or nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streamguide.content import load_content
from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import read
from tests.generator.combinations import some_languages
from tests.programs.test_runs import text_of
from tools.faults.cases import Case
from tools.faults.programs import Measure, measuring
from tools.faults.running import Ran

SITE = load_content()
WITH_SDK = [name for name in LANGUAGES if name not in ("python-plain", "javascript-fetch", "curl")]
WITHOUT_SDK = [name for name in LANGUAGES if name not in WITH_SDK]
SPEND_LIMITS = SITE.table.never_retried


@pytest.fixture(scope="module")
def measure(site: str) -> Iterator[Measure]:
    with measuring(SITE, site) as ready:
        yield ready


def met(
    measure: Measure, language: str, recovery: str, fault: str
) -> tuple[Ran, list[dict[str, Any]]]:
    """A run on a fault, and its requests."""
    options = read({"language": [language], "recovery": [recovery]}, SITE.models)
    case = Case(fault, f"slow;factor=0+{fault}")
    return measure.run(f"{language} {recovery}", options, case)


@pytest.mark.parametrize(
    ("code", "count"), [*((code, 1) for code in SPEND_LIMITS), ("ramp_limit_exceeded", 3)]
)
@pytest.mark.parametrize("language", some_languages(LANGUAGES))
def test_a_program_that_tries_again_itself_does_so_on_a_rate_limit_and_on_no_spend_limit(
    measure: Measure, language: str, code: str, count: int
) -> None:
    ran, requests = met(
        measure, language, "retry", f"status;code=429;error_code={code};retry-after=0"
    )
    assert (ran.code, len(requests)) == (1, count), ran
    assert "rate_limit_error" in ran.err


@pytest.mark.parametrize("language", some_languages(WITH_SDK))
def test_with_nothing_chosen_the_sdk_gets_over_an_overload_before_the_answer(
    measure: Measure, language: str
) -> None:
    ran, requests = met(measure, language, "none", "status;times=1;retry-after=0.1")
    assert (ran.code, len(requests)) == (0, 2), ran
    assert ran.out == text_of("hello")


@pytest.mark.parametrize("language", some_languages(WITH_SDK))
def test_with_nothing_chosen_the_sdk_asks_three_times_also_on_a_spend_limit(
    measure: Measure, language: str
) -> None:
    code = SPEND_LIMITS[0]
    ran, requests = met(
        measure, language, "none", f"status;code=429;error_code={code};retry-after=0"
    )
    assert (ran.code, len(requests)) == (1, 3), ran


@pytest.mark.parametrize("language", some_languages(WITH_SDK))
def test_with_nothing_chosen_nothing_is_tried_again_once_the_answer_has_begun(
    measure: Measure, language: str
) -> None:
    ran, requests = met(measure, language, "none", "error-event;at=1;times=1")
    assert (ran.code, len(requests)) == (1, 1), ran


@pytest.mark.parametrize("language", WITHOUT_SDK)
def test_without_an_sdk_nothing_is_tried_again_by_default(measure: Measure, language: str) -> None:
    ran, requests = met(measure, language, "none", "status;times=1;retry-after=0.1")
    assert (ran.code, len(requests)) == (1, 1), ran
