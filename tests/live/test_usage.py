"""Usage and cost, read along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamguide.content import load_content
from streamguide.live.usage import cost, is_final, tokens
from streamguide.reading.outline import Outline
from streamguide.reading.reader import StreamReader

GOLDEN = Path(__file__).parents[1] / "golden" / "scenarios"
HAIKU = load_content().models.by_id["claude-haiku-5-5"]
# A stream that an error ends has no finished usage.
WHOLE = [path for path in sorted(GOLDEN.glob("*.sse")) if b"message_stop" in path.read_bytes()]
COUNTED = ("input_tokens", "output_tokens", "cache_read_input_tokens")


def outline(*events: dict[str, Any]) -> Outline:
    found = Outline()
    for event in events:
        found.apply(event)
    return found


def started(**usage: Any) -> dict[str, Any]:
    return {"type": "message_start", "message": {"model": "m", "usage": usage}}


def changed(reason: str | None = "end_turn", **usage: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


STOP = {"type": "message_stop"}


def test_the_last_value_counts_and_what_is_missing_or_null_stays() -> None:
    found = outline(
        started(input_tokens=9, output_tokens=1, cache_read_input_tokens=5),
        changed(input_tokens=90, output_tokens=40, cache_read_input_tokens=None),
        changed(output_tokens=50),
    )
    assert found.usage == {"input_tokens": 90, "output_tokens": 50, "cache_read_input_tokens": 5}


def test_usage_is_final_once_the_whole_message_has_come() -> None:
    assert not is_final(outline(started(output_tokens=1)))
    assert not is_final(outline(started(output_tokens=1), changed(output_tokens=9)))
    assert not is_final(outline(started(output_tokens=1), STOP))
    assert is_final(outline(started(output_tokens=1), changed(output_tokens=9), STOP))


def test_the_cost_counts_each_kind_of_token_at_its_price() -> None:
    found = outline(
        started(
            input_tokens=1000,
            cache_creation_input_tokens=300,
            cache_creation={"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
            cache_read_input_tokens=50,
        ),
        changed(output_tokens=10),
    )
    expected = 1000 * 0.1 + 100 * 0.125 + 200 * 0.2 + 50 * 0.01 + 10 * 0.5
    assert cost(found.usage, HAIKU) == pytest.approx(expected / 1_000_000)


def test_a_prompt_over_100_000_tokens_costs_five_times_as_much() -> None:
    short = outline(started(input_tokens=100_000), changed(output_tokens=0))
    long = outline(started(input_tokens=100_001), changed(output_tokens=0))
    assert cost(short.usage, HAIKU) == pytest.approx(0.01)
    assert cost(long.usage, HAIKU) == pytest.approx(0.05, rel=1e-4)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": 3},
        {"type": "message_start"},
        {"type": "message_start", "message": []},
        {"type": "message_start", "message": {"usage": 3}},
        {"type": "message_delta", "usage": {"output_tokens": "many"}},
        {"type": "message_delta", "delta": None},
        {"type": "error", "error": "?"},
    ],
)
def test_what_is_odd_is_passed_over(event: dict[str, Any]) -> None:
    assert cost(outline(event).usage, HAIKU) == 0


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_the_usage_of_every_scenario_is_that_of_its_finished_message(path: Path) -> None:
    reader = StreamReader(200, "text/event-stream")
    reader.feed(path.read_bytes())
    usage = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["usage"]
    for name in COUNTED:
        assert tokens(reader.message.usage, name) == (usage.get(name) or 0)
