"""The journal, and its bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguide.scenarios.frames import Frame
from streamguide.simulator import journal as module
from streamguide.simulator.journal import Entry, Journal


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(clock: Clock) -> Journal:
    return Journal(clock, lambda: 1_790_000_000.0)


def requests_of(journal: Journal, key: str) -> list[dict[str, Any]]:
    return [entry.as_json() for entry in journal.requests(key)]


def arrive(journal: Journal, key: str = "key", body: bytes = b"{}") -> Entry:
    return journal.arrive(key, "POST", "/simulator/v1/messages", {}, body, keep_body=True)


def test_a_request_is_written_down_and_filled_while_it_is_answered(
    journal: Journal, clock: Clock
) -> None:
    entry = arrive(journal)
    entry.status, entry.request_id = 200, "req_1"
    clock.now += 0.5
    entry.sent(Frame(0, b"abc", 1))
    entry.sent(Frame(0, b"de", 0))
    clock.now += 1
    entry.end("cut")
    entry.end("left")
    (only,) = requests_of(journal, "key")
    assert only == {
        "at": 1_790_000_000.0,
        "gap_ms": None,
        "method": "POST",
        "path": "/simulator/v1/messages",
        "headers": {},
        "body": "{}",
        "body_bytes": 2,
        "status": 200,
        "request_id": "req_1",
        "bytes_sent": 5,
        "event": 1,
        "first_byte_ms": 500,
        "ended": "cut",
        "after_ms": 1500,
    }


def test_the_gap_is_that_to_the_keys_request_before(journal: Journal, clock: Clock) -> None:
    arrive(journal)
    clock.now += 0.4
    arrive(journal, "other")
    clock.now += 0.4
    arrive(journal)
    assert [request["gap_ms"] for request in requests_of(journal, "key")] == [None, 800]


def test_a_body_is_kept_in_part_if_it_is_long(journal: Journal) -> None:
    arrive(journal, body=b"a" * 100_000)
    (only,) = requests_of(journal, "key")
    assert (len(only["body"]), only["body_bytes"]) == (module.MOST_BODY_BYTES, 100_000)


def test_of_long_bodies_only_the_last_are_kept_and_all_else_of_each(journal: Journal) -> None:
    for number in range(20):
        arrive(journal, body=bytes([65 + number]) * module.MOST_BODY_BYTES)
    found = requests_of(journal, "key")
    kept = [request["body"][0] for request in found if request["body"] is not None]
    assert "".join(kept) == "EFGHIJKLMNOPQRST"
    assert sum(len(request["body"] or "") for request in found) <= module.MOST_KEY_BYTES
    assert {request["body_bytes"] for request in found} == {module.MOST_BODY_BYTES}


def test_only_the_last_requests_of_a_key_are_kept(journal: Journal) -> None:
    for number in range(150):
        arrive(journal, body=str(number).encode())
    bodies = [request["body"] for request in requests_of(journal, "key")]
    assert bodies == [str(number) for number in range(50, 150)]


def test_old_requests_and_quiet_keys_are_forgotten(journal: Journal, clock: Clock) -> None:
    arrive(journal, "quiet")
    clock.now += module.MOST_SECONDS + 1
    arrive(journal, "busy")
    assert len(journal) == 1
    assert requests_of(journal, "quiet") == []


def test_of_too_many_keys_the_quiet_ones_go(journal: Journal) -> None:
    for number in range(module.MOST_KEYS + 10):
        arrive(journal, f"key {number}")
    assert len(journal) == module.MOST_KEYS
    assert requests_of(journal, "key 0") == []
    assert requests_of(journal, f"key {module.MOST_KEYS + 9}")


@given(
    requests=st.lists(
        st.tuples(st.sampled_from("abcd"), st.integers(0, 60_000), st.floats(0, 4000)), max_size=60
    )
)
def test_what_is_kept_never_passes_its_bounds(requests: list[tuple[str, int, float]]) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_BYTES", 200_000)
        patch.setattr(module, "MOST_KEYS", 3)
        journal = Journal(clock, clock)
        for key, size, passes in requests:
            clock.now += passes
            arrive(journal, key, b"x" * size)
            kept = [request for name in "abcd" for request in requests_of(journal, name)]
            assert len(kept) == len(journal)
            assert sum(len(request["body"]) for request in kept) <= 200_000
            assert len({name for name in "abcd" if requests_of(journal, name)}) <= 3


def test_requests_are_counted_by_key_and_path_for_a_minute(journal: Journal, clock: Clock) -> None:
    assert [journal.count("a", "/x") for _ in range(3)] == [1, 2, 3]
    assert journal.count("a", "/y") == 1
    assert journal.count("b", "/x") == 1
    clock.now += 60
    assert journal.count("a", "/x") == 1


def test_counts_of_many_paths_are_bounded(journal: Journal) -> None:
    for number in range(1000):
        journal.count("a", f"/{number}")
    assert journal.count("a", "/999") == 2
    assert journal.count("a", "/0") == 1


def test_the_headers_that_say_which_client_asks_are_kept_in_part_if_they_are_long(
    journal: Journal,
) -> None:
    headers = {
        "User-Agent": "Anthropic/Python 2.12.0",
        "Content-Type": "application/json",
        "Accept": "text/event-stream",
        "Sec-Fetch-Site": "same-origin",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "a" * 600,
        "X-Stainless-Runtime": "CPython",
    }
    entry = journal.arrive("key", "POST", "/", headers, b"", keep_body=True)
    lower = {name.lower(): value for name, value in headers.items()}
    assert entry.headers == {**lower, "anthropic-beta": "a" * 500}


def test_old_requests_of_a_key_that_is_not_the_quietest_are_not_told(
    journal: Journal, clock: Clock
) -> None:
    arrive(journal, "a")
    clock.now += 3500
    arrive(journal, "b")
    clock.now += 50
    arrive(journal, "a")
    clock.now += 500
    assert len(requests_of(journal, "a")) == 1


def test_no_key_is_kept(journal: Journal) -> None:
    headers = {"Authorization": "Bearer sk-secret", "X-Api-Key": "sk-secret"}
    entry = journal.arrive("sk-secret", "POST", "/", headers, b"", keep_body=True)
    assert entry.headers == {}
    assert "sk-secret" not in repr(vars(journal)["_keys"].keys())
