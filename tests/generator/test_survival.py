"""Programs on faults: what is recorded is still true, and nothing recorded is bad."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from streamguide.content import load_content
from streamguide.generator.fault_matrix import BAD, RESULTS, dumps, key_of, load
from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import RELAYS, Options, read
from streamguide.generator.render import render
from tests.generator.combinations import SCHEMA, some_languages
from tools.faults.__main__ import SURVIVAL, versions
from tools.faults.cases import Case, program_cases
from tools.faults.programs import Judged, Measure, distinct, measuring

LIBRARY = load_content()
RECORDED = load(SURVIVAL)
DISTINCT = distinct(LIBRARY.models)
CASES = {case.fault: case for case in program_cases()}
PROGRAMS = [name for name in LANGUAGES if name not in RELAYS]

# In each language every value of stream, tool, breaker and recovery is in one of these; curl has
# neither tool nor breaker, relays always stream and have no tool.
CHOSEN = (
    "stream none",
    "at-once tool retry",
    "stream tool breaker partial",
    "stream resume",
)
CHOSEN_CURL = ("stream none", "at-once retry", "stream partial", "stream resume")
CHOSEN_RELAY = ("stream none", "stream retry", "stream breaker partial", "stream resume")
# Relays meet these: each has to be started, and asked by its page.
QUICK = (
    "none",
    "status",
    "status;code=400",
    "status;code=429;error_code=enforced_spend_limit_reached",
    "status;times=2",
    "no-response",
    "not-sse;how=html",
    "empty-body",
    "error-event",
    "error-event;at=1",
    "end-early",
    "end-early;how=message_delta",
    "unknown",
    "no-start",
    "garble",
    "crlf",
    "drop",
    "drop;times=2",
    "connection-close;at=14",
    "http10;at=14",
)
PASSING = ("status;times=2", "error-event;times=2", "drop;times=2")
# Before the answer, in it, and a silence: what each language of `make test` meets at least.
HANDFUL = ("none", "stall", "end-early", *PASSING)
# Of one relay each program meets each fault; these languages meet each fault with some program.
WHOLE = ("flask",)
EACH_FAULT = ("python", "javascript", "curl")
MOST_PAIRS = 250

# What none of them may do anything else with than pass it on.
NASTY = (
    "\"double\" and 'single' and `back`",
    "back\\slash \\n \\u0041 \\",
    "line\nline\n\n\n¶ Title | note\n%% if x\n",
    "${HOME} $(id) `id` $HOME !! $'x'",
    "'''three''' \"\"\"three\"\"\"",
    "\u2028\u2029\u0085\t\r\x1b[31m",
    "emoji 🙂 and family 👨‍👩‍👧",
    "\u202eright to left\u202c שלום مرحبا",
    "{{ 7*7 }} {% x %} ⟦% y %⟧ {# z #} <script>alert(1)</script>",
    "ends in a quote' and a backslash\\",
)


@pytest.fixture(scope="module")
def measure(site: str) -> Iterator[Measure]:
    with measuring(LIBRARY, site) as ready:
        yield ready


def options(**query: str) -> Options:
    return read({name: [value] for name, value in query.items()}, LIBRARY.models)


def keys(language: str) -> list[str]:
    chosen = {"curl": CHOSEN_CURL, **dict.fromkeys(RELAYS, CHOSEN_RELAY)}.get(language, CHOSEN)
    return [f"{language} {rest}" for rest in chosen]


def few_cases() -> list[Case]:
    """One for each fault, and three that pass."""
    first = {case.name: case for case in reversed(CASES.values())}
    return [*reversed(first.values()), *(CASES[fault] for fault in PASSING)]


Pairs = list[tuple[str, Case]]


def pairs(language: str) -> Pairs:
    """The programs and faults that `make soak` runs."""
    if language in RELAYS:
        return in_turn(language, [CASES[fault] for fault in QUICK])
    return [(key, case) for key in keys(language) for case in few_cases()]


def few_pairs(language: str) -> Pairs:
    """Those that `make test` runs."""
    if language in WHOLE:
        return pairs(language)
    if language in EACH_FAULT:
        return in_turn(language, few_cases())
    return in_turn(language, [CASES[fault] for fault in HANDFUL])


def in_turn(language: str, met: list[Case]) -> Pairs:
    """Each of these faults with the next program of the language.

    Each language begins with another program, so that a fault meets different ones.
    """
    chosen = keys(language)
    first = list(LANGUAGES).index(language) % len(chosen)
    return list(zip(cycle([*chosen[first:], *chosen[:first]]), met, strict=False))


def test_the_file_is_as_a_measurement_writes_it() -> None:
    assert dumps(RECORDED) == SURVIVAL.read_text(encoding="utf-8")


def test_every_program_was_run_on_every_fault() -> None:
    assert RECORDED.faults == tuple(CASES), "make survival"
    assert set(RECORDED.programs) == set(DISTINCT), "make survival"
    assert all(len(letters) == len(CASES) for letters in RECORDED.programs.values())
    assert set("".join(RECORDED.programs.values())) <= set(RESULTS)


def test_no_program_is_wrong_or_unclear_on_any_fault() -> None:
    bad = [
        f"{key} on {fault}"
        for key, letters in RECORDED.programs.items()
        for fault, letter in zip(RECORDED.faults, letters, strict=True)
        if letter in BAD
    ]
    assert bad == []


def test_the_limit_on_silence_is_armed_by_default() -> None:
    assert set(RECORDED.silences) == set(LANGUAGES), "make survival"
    default = options().silence_timeout
    # curl averages its speed, and is late.
    assert all(default - 1 < seconds < default + 15 for seconds in RECORDED.silences.values())


def test_the_chosen_programs_have_every_value_of_every_option_that_matters() -> None:
    for language in LANGUAGES:
        chosen = [DISTINCT[key] for key in keys(language)]
        for name in ("stream", "tool", "breaker", "recovery"):
            values = {getattr(one, name) for key, one in DISTINCT.items() if one in chosen}
            all_values = {
                getattr(one, name) for one in DISTINCT.values() if one.language == language
            }
            assert values == all_values, (language, name)


def test_few_enough_are_run_again() -> None:
    assert sum(len(few_pairs(language)) for language in LANGUAGES) <= MOST_PAIRS


def test_in_every_language_each_chosen_program_is_run_again() -> None:
    for language in LANGUAGES:
        assert {key for key, _ in few_pairs(language)} == set(keys(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_programs_do_what_is_recorded(
    measure: Measure, language: str, record_property: Any
) -> None:
    assert_as_recorded(measure, few_pairs(language), record_property)


@pytest.mark.soak
@pytest.mark.parametrize("language", [name for name in LANGUAGES if name not in WHOLE])
def test_the_programs_do_what_is_recorded_on_each_fault(
    measure: Measure, language: str, record_property: Any
) -> None:
    assert_as_recorded(measure, pairs(language), record_property)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("language", "more"),
    [
        *((relay, {"chat": True}) for relay in RELAYS),
        *((name, {"schema": SCHEMA}) for name in ("python", "javascript", "curl")),
        *((name, {"tool_name": "own", "tool_schema": SCHEMA}) for name in ("python", "javascript")),
    ],
)
def test_options_without_a_row_of_their_own_change_no_result(
    measure: Measure, language: str, more: dict[str, Any], record_property: Any
) -> None:
    changed = {key: replace(DISTINCT[key], **more) for key in keys(language)}
    # A breaker is asked several times, and a chat then has a history. With a schema nothing resumes.
    same = [key for key in changed if "breaker" not in key and key_of(changed[key]) == key]
    met = [(key, case) for key, case in pairs(language) if key in same]
    assert_as_recorded(measure, met, record_property, changed)


def assert_as_recorded(
    measure: Measure,
    met: Pairs,
    record_property: Any,
    programs: Mapping[str, Options] = DISTINCT,
) -> None:
    """Run these pairs, and fail on any that ends in another way than recorded."""
    other = {name for name, text in versions().items() if RECORDED.versions.get(name) != text}
    if other:
        record_property(
            "note", f"The fault matrix is recorded for other versions of {sorted(other)}"
        )
    different = [one for one in measure.all(programs, met) if is_different(one)]
    # On a busy machine a program may wait for its turn for longer than its limit on silence. What
    # is really different is so again, with nothing beside it.
    again = [measure.all(programs, [(one.program, CASES[one.fault])]) for one in different]
    differences = [f"{one}" for ones in again for one in ones if is_different(one)]
    assert not differences, "make survival, and read the difference:\n" + "\n".join(differences)


def is_different(one: Judged) -> bool:
    return one.letter != RECORDED.of(DISTINCT[one.program])[one.fault]


def planted(tmp_path: Path, before: str, after: str, **query: str) -> tuple[Options, Path]:
    """A program of the generator with something in it changed."""
    chosen = replace(options(**query), silence_timeout=2, max_tokens=20_000)
    text = render(chosen, LIBRARY.models, LIBRARY.table).text
    assert before in text
    path = tmp_path / "stream.py"
    path.write_text(text.replace(before, after), encoding="utf-8")
    return chosen, path


NOTICES = 'raise ConnectionError("the stream ended before message_stop")'
A_WHOLE_MESSAGE = 'return {"stop_reason": "end_turn"}'


def test_a_program_that_takes_any_end_for_a_good_one_is_caught(
    measure: Measure, tmp_path: Path
) -> None:
    judged = measure.one(*planted(tmp_path, NOTICES, A_WHOLE_MESSAGE), CASES["end-early"])
    assert judged.letter == "w"
    assert judged.why == "exit 0 on a response that was not whole"


def test_a_program_that_ends_in_a_trace_is_caught(measure: Measure, tmp_path: Path) -> None:
    chosen = planted(tmp_path, "except Exception as error:", "except KeyError as error:")
    judged = measure.one(*chosen, CASES["drop"])
    assert (judged.letter, judged.why) == ("u", "it ended with a trace, not with a message")


def test_a_program_that_asks_again_too_soon_is_caught(measure: Measure, tmp_path: Path) -> None:
    chosen = planted(tmp_path, "return max(wait, float(told))", "return 0.1", recovery="retry")
    judged = measure.one(*chosen, CASES["status;code=429;times=2"])
    assert judged.letter == "u"
    assert "told to wait" in judged.why


def test_a_program_that_asks_again_in_vain_is_caught(measure: Measure, tmp_path: Path) -> None:
    chosen = planted(
        tmp_path,
        "return status in (408, 409, 429) or status >= 500",
        "return True",
        recovery="retry",
    )
    judged = measure.one(*chosen, CASES["status;code=401"])
    assert judged.letter == "u"
    assert "must not be retried" in judged.why


def test_a_program_that_shows_its_text_at_the_end_is_caught(
    measure: Measure, tmp_path: Path
) -> None:
    chosen = planted(tmp_path, 'end="", flush=True)', 'end="")')
    judged = measure.one(*chosen, CASES["none"])
    assert judged.letter == "u"
    assert "first word after" in judged.why


# What a relay might make up where the answer breaks off.
AN_END = r'''yield b"""data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}

data: {"type":"message_stop"}

"""
        return'''


@pytest.mark.parametrize("language", ["flask", "fastapi"])
def test_a_relay_that_makes_up_an_end_is_caught(
    measure: Measure, tmp_path: Path, language: str
) -> None:
    chosen = planted(tmp_path, NOTICES, AN_END, language=language)
    judged = measure.one(*chosen, CASES["end-early"])
    assert judged.letter == "w"
    assert judged.why == "exit 0 on a response that was not whole"


def test_a_relay_that_ends_its_stream_without_a_word_is_caught(
    measure: Measure, tmp_path: Path
) -> None:
    chosen = planted(tmp_path, NOTICES, "return", language="flask")
    judged = measure.one(*chosen, CASES["end-early"])
    assert (judged.letter, judged.why) == ("u", "the relay did not tell its page what failed")


def test_a_relay_that_breaks_down_is_caught(measure: Measure, tmp_path: Path) -> None:
    chosen = planted(tmp_path, "return status, json.dumps(error.body)", "raise", language="flask")
    judged = measure.one(*chosen, CASES["status"])
    assert (judged.letter, judged.why) == ("u", "the relay did not tell its page what failed")


def test_a_page_that_takes_any_end_for_a_good_one_is_caught(
    measure: Measure, tmp_path: Path
) -> None:
    chosen = planted(tmp_path, "throw failure(event);", 'return "end_turn";', language="flask")
    judged = measure.one(*chosen, CASES["drop"])
    assert judged.letter == "w"


def test_a_relay_whose_breaker_never_opens_is_noticed(measure: Measure, tmp_path: Path) -> None:
    key = "flask stream breaker none"
    chosen = planted(tmp_path, "self.failures += 1", "pass", language="flask", breaker="1")
    judged = measure.one(*chosen, CASES["status"])
    assert judged.letter == "x"
    assert RECORDED.of(DISTINCT[key])["status"] == "b"


def test_a_measurement_does_not_count_the_requests_of_one_before_it(
    measure: Measure, site: str
) -> None:
    chosen = options(language="javascript-fetch")
    assert len(measure.requests("javascript-fetch-first", chosen)) == 1
    with measuring(LIBRARY, site) as another:
        assert len(another.requests("javascript-fetch-second", chosen)) == 1


@pytest.mark.parametrize("language", some_languages(PROGRAMS, "curl"))
def test_texts_reach_the_api_as_they_were_given(measure: Measure, language: str) -> None:
    for number, text in enumerate(NASTY):
        given = text.replace("\r\n", "\n")
        stops = "" if number % 2 else f"{given.splitlines()[0]}X"
        chosen = options(language=language, prompt=given, system=given, stop_sequences=stops)
        body, *more = measure.requests(f"{language}-nasty-{number}", chosen)
        assert not more
        assert body["messages"] == [{"role": "user", "content": given}]
        assert body["system"] == given
        assert body.get("stop_sequences", []) == ([stops] if stops else [])
