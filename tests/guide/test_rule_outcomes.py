"""What was measured where a rule is broken."""

from __future__ import annotations

import pytest

from streamguide.content import load_content
from streamguide.guide.rule_outcomes import SILENCE, Seen, seen_by_rule

CONTENT = load_content()
SEEN = seen_by_rule(
    CONTENT.recordings,
    CONTENT.conformance,
    CONTENT.outcomes,
    CONTENT.table,
    CONTENT.scenarios,
)


def found(rule: str) -> dict[str, dict[str, str]]:
    """What clients do, by what it was measured on."""
    return {one.on: dict(one.clients) for one in SEEN[rule]}


def test_a_recording_and_a_fault_tell_what_clients_do() -> None:
    # The first JavaScript call rejects; all others take a stream that ended for a whole one.
    others = "Python, JavaScript `create()`, curl and jq"
    assert found("only-message-stop") == {
        "the recording ended-early": {others: "no error", "JavaScript `stream()`": "an error"},
        "the fault end-early": {others: "no error", "JavaScript `stream()`": "`AnthropicError`"},
    }


def test_silence_is_measured_though_it_breaks_no_rule() -> None:
    (told,) = found(SILENCE).values()
    assert told["JavaScript"] == "still waits"


def test_what_two_good_clients_may_read_otherwise_is_not_told() -> None:
    assert "unanswered-call" not in SEEN
    assert list(found("last-blank-line")) == ["the fault no-final-blank-line"]


@pytest.mark.parametrize("rule", SEEN)
def test_each_is_about_a_rule_and_about_every_client_of_its_measurement_once(rule: str) -> None:
    assert rule in {*CONTENT.rules, SILENCE}
    for one in SEEN[rule]:
        assert isinstance(one, Seen)
        names = ", ".join(names for names, _ in one.clients)
        assert ("all" in names) or all(
            names.count(client) + 2 * names.count("both SDKs") >= 1
            for client in ("Python", "JavaScript")
        )
        assert "curl" in names or "all" in names
        assert one.href.startswith(("/guide/corpus#corpus-", "/guide/faults#fault-"))
