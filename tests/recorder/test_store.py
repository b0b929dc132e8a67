"""What is kept of requests and answers: within bounds, and without secrets."""

from __future__ import annotations

import json
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamguide.recorder.exchange import Exchange, How, Sent
from streamguide.recorder.store import Recordings
from streamguide.settings import Settings
from streamguide.simulator.own_files import load
from tests.attack.hostile import events
from tests.simulator.requests import LIBRARY

KEY = "sk-ant-a-key-of-a-test"
SSE = {"content-type": "text/event-stream; charset=utf-8"}
EVENTS = events("Hello")
ASKED: dict[str, Any] = {
    "model": "claude-haiku-5-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "A secret plan"}],
}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock, tmp_path: Path) -> Callable[..., Recordings]:
    """Makes recordings with settings of a test."""

    def made(**settings: Any) -> Recordings:
        chosen = replace(Settings(), **settings)
        return Recordings(chosen, lambda: LIBRARY.models, clock, lambda: 1_795_982_089.0)

    return made


def sent(path: str = "/v1/messages", query: str = "", **headers: str) -> Sent:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(ASKED).encode()
    return Sent("POST", path, query, {"x-api-key": KEY, **named}, body)


def answered(
    recordings: Recordings,
    request: Sent | None = None,
    body: bytes = EVENTS,
    how: How = "complete",
    status: int = 200,
) -> Exchange:
    exchange = recordings.begin(request or sent())
    exchange.begin(status, SSE if status == 200 else {"content-type": "text/html"})
    recordings.receive(exchange, body)
    recordings.end(exchange, how)
    return exchange


def told(recordings: Recordings) -> list[Any]:
    requests: list[Any] = recordings.as_json(0)["requests"]
    return requests


# Bounds


def test_the_oldest_is_forgotten_for_one_too_many(store: Callable[..., Recordings]) -> None:
    recordings = store(record_most=2)
    names = [answered(recordings).name for _ in range(3)]
    assert recordings.as_json(0)["names"] == names[1:]
    assert recordings.find(names[0]) is None


def test_the_oldest_are_forgotten_for_bytes_too_many(store: Callable[..., Recordings]) -> None:
    recordings = store(record_total_bytes=2 * len(EVENTS))
    names = [answered(recordings).name for _ in range(5)]
    assert recordings.as_json(0)["names"] == names[3:]


def test_one_that_is_forgotten_in_flight_takes_no_room(store: Callable[..., Recordings]) -> None:
    recordings = store(record_total_bytes=2 * len(EVENTS), record_most=2)
    first = recordings.begin(sent())
    first.begin(200, SSE)
    recordings.receive(first, EVENTS)
    for _ in range(2):
        answered(recordings)
    for _ in range(10):
        recordings.receive(first, EVENTS)
    recordings.end(first, "complete")
    assert [one["kept"] for one in told(recordings)] == [len(EVENTS)] * 2


def test_an_answer_over_the_limit_is_told_of_but_not_kept(store: Callable[..., Recordings]) -> None:
    recordings = store(record_bytes=len(EVENTS) - 1)
    exchange = answered(recordings)
    [one] = told(recordings)
    assert (one["kept"], one["size"], one["text"]) == (0, len(EVENTS), "Hello")
    assert one["note"] == f"The answer has more than {len(EVENTS) - 1} bytes, so it is not kept."
    assert not exchange.can_be_played


def test_a_single_answer_over_all_bytes_is_not_kept(store: Callable[..., Recordings]) -> None:
    recordings = store(record_total_bytes=len(EVENTS) - 1)
    answered(recordings)
    [one] = told(recordings)
    assert (one["kept"], one["note"][:36]) == (0, "All recordings together have more th")


def test_a_stream_of_very_many_pieces_keeps_all_bytes(store: Callable[..., Recordings]) -> None:
    recordings = store()
    exchange = recordings.begin(sent())
    exchange.begin(200, SSE)
    for _ in range(25_000):
        recordings.receive(exchange, b":\n")
    recordings.end(exchange, "complete")
    assert exchange.body() == b":\n" * 25_000
    assert len(json.dumps(exchange.description())) < 1024 * 1024


def test_what_ended_is_cleared(store: Callable[..., Recordings]) -> None:
    recordings = store()
    answered(recordings)
    open_ = recordings.begin(sent())
    recordings.clear()
    assert recordings.as_json(0)["names"] == [open_.name]


# What belongs together, and what is new


def test_only_what_changed_is_told(store: Callable[..., Recordings]) -> None:
    recordings = store()
    answered(recordings)
    serial = recordings.serial
    assert recordings.as_json(serial)["requests"] == []
    second = answered(recordings)
    assert [one["name"] for one in recordings.as_json(serial)["requests"]] == [second.name]


@pytest.mark.parametrize(
    ("how", "status", "later", "retries", "attempt"),
    [
        ("cut", 200, 1.0, "", 2),
        ("complete", 529, 1.0, "", 2),
        ("left", 200, 1.0, "", 2),
        ("complete", 200, 1.0, "", 1),
        ("complete", 200, 1.0, "0", 1),
        ("complete", 200, 1.0, "1", 2),
        ("complete", 529, 601.0, "", 1),
    ],
)
def test_retries_belong_together(
    store: Callable[..., Recordings],
    clock: Clock,
    how: How,
    status: int,
    later: float,
    retries: str,
    attempt: int,
) -> None:
    recordings = store()
    first = answered(recordings, how=how, status=status)
    answered(recordings, sent("/v1/other"))
    clock.now += later
    second = recordings.begin(sent(x_stainless_retry_count=retries))
    assert second.attempt == attempt
    assert second.first == (first.name if attempt == 2 else second.name)


def test_times_are_milliseconds_since_the_request(
    store: Callable[..., Recordings], clock: Clock
) -> None:
    recordings = store()
    exchange = recordings.begin(sent())
    clock.now += 0.2
    exchange.begin(200, SSE)
    at = EVENTS.index(b"event: content_block_delta")
    for data in (EVENTS[:at], EVENTS[at:]):
        clock.now += 1
        recordings.receive(exchange, data)
    clock.now += 3
    recordings.end(exchange, "complete")
    [one] = told(recordings)
    names = ("head_ms", "first_event_ms", "first_word_ms", "largest_gap_ms", "after_ms")
    assert [one[name] for name in names] == [200, 1200, 2200, 3000, 5200]
    assert one["ticks"][:2] == [(1200, "message_start", 0), (2200, "content_block_delta", 5)]


# Secrets


def test_headers_are_kept_by_an_allow_list(store: Callable[..., Recordings]) -> None:
    recordings = store()
    request = sent(
        cookie="a=secret", authorization="Bearer another-secret", user_agent="me", host="h"
    )
    assert set(request.keys) == {KEY, "a=secret", "another-secret"}
    exchange = recordings.begin(request)
    exchange.begin(200, {**SSE, "Set-Cookie": "a=secret", "Request-Id": "req_1", "via": "secret"})
    recordings.end(exchange, "complete")
    [one] = told(recordings)
    assert one["about"]["headers"] == {"user-agent": "me"}
    assert one["headers"] == {**SSE, "request-id": "req_1"}


def test_a_key_in_the_address_or_in_another_header_is_not_kept(
    store: Callable[..., Recordings],
) -> None:
    recordings = store(record_texts=1)
    request = sent(f"/{KEY}/v1/messages", "beta=true&key=abc", user_agent=f"me {KEY}")
    request = replace(request, body=json.dumps({"model": "m", "token": KEY}).encode())
    about = recordings.begin(request).about
    assert about["path"] == "/…/v1/messages?beta=true&key=…"
    assert (about["headers"], "body" in about) == ({}, False)


def test_a_key_that_an_answer_repeats_over_two_pieces_is_not_kept(
    store: Callable[..., Recordings],
) -> None:
    recordings = store()
    exchange = recordings.begin(sent())
    exchange.begin(401, {"content-type": "application/json"})
    body = json.dumps({"error": {"message": f"wrong: {KEY}"}}).encode()
    for data in (body[:40], body[40:]):
        recordings.receive(exchange, data)
    recordings.end(exchange, "complete")
    [one] = told(recordings)
    assert (one["error"], one["kept"]) == ("wrong: …", 0)
    assert KEY not in json.dumps(one)


def test_a_key_of_another_header_or_of_the_address_is_one_too(
    store: Callable[..., Recordings],
) -> None:
    recordings = store()
    body = b'{"error": {"message": "no: %b"}}'
    for secret, request in (
        ("gateway-secret", sent(api_key="gateway-secret")),
        ("address-secret", sent(query="key=address-secret")),
    ):
        exchange = answered(recordings, request, body % secret.encode(), status=401)
        assert (exchange.kept, exchange.note) == (
            0,
            "The answer repeats the key, so it is not kept.",
        )
        assert secret not in json.dumps(recordings.as_json(0))


@pytest.mark.parametrize(("texts", "has_body"), [(0, False), (1, True)])
def test_texts_of_requests_are_kept_if_the_settings_say_so(
    store: Callable[..., Recordings], texts: int, has_body: bool
) -> None:
    recordings = store(record_texts=texts)
    about = recordings.begin(sent()).about
    assert about.get("body") == (ASKED if has_body else None)
    assert "A secret plan" not in json.dumps(recordings.as_json(0))
    assert (about["model"], about["max_tokens"]) == (ASKED["model"], ASKED["max_tokens"])


# The folder


def test_every_kind_of_answer_can_be_read_back(
    store: Callable[..., Recordings], tmp_path: Path
) -> None:
    recordings = store(recordings=str(tmp_path), record_texts=1)
    made = [
        answered(recordings),
        answered(recordings, body=EVENTS[:50], how="cut"),
        answered(recordings, body=b"", how="left"),
        answered(recordings, how="left"),
        answered(recordings, body=b"<html>", status=520),
        answered(recordings, body=b"", status=204),
    ]
    own = load(str(tmp_path), LIBRARY.table, LIBRARY.models, LIBRARY.scenarios)
    for exchange in made:
        assert exchange.saved
        recording = own.recordings[exchange.name]
        assert recording.body == exchange.body()
        assert recording.response.status == exchange.status
    ends = [own.recordings[one.name].response.end for one in made]
    assert ends == ["whole", "drop", "open", "whole", "whole", "whole"]


def test_nothing_is_written_of_a_request_without_an_answer(
    store: Callable[..., Recordings], tmp_path: Path
) -> None:
    recordings = store(recordings=str(tmp_path))
    recordings.end(recordings.begin(sent()), "unreachable")
    assert list(tmp_path.iterdir()) == []
    assert recordings.problem == ""


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"record_most": 2}, "2 recordings"), ({"record_total_bytes": 4000}, "as many bytes")],
)
def test_a_full_folder_keeps_what_it_has(
    store: Callable[..., Recordings], tmp_path: Path, settings: Any, words: str
) -> None:
    recordings = store(recordings=str(tmp_path), **settings)
    kept = [answered(recordings).saved for _ in range(6)]
    before = sorted(tmp_path.iterdir())
    assert kept == [True] * (len(before) // 2) + [False] * (6 - len(before) // 2)
    assert 2 <= len(before) < 12
    assert words in recordings.problem
    assert recordings.problem.endswith("What passes is kept in memory only.")


def test_a_file_that_exists_is_not_replaced(
    store: Callable[..., Recordings], tmp_path: Path
) -> None:
    first, second = (store(recordings=str(tmp_path)) for _ in range(2))
    made = answered(first)
    assert answered(second, body=b"").name == made.name
    assert (tmp_path / f"{made.name}.sse").read_bytes() == EVENTS
    assert "File exists" in second.problem
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_is_gone_is_told_and_what_passes_stays_in_memory(
    store: Callable[..., Recordings], tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    recordings = store(recordings=str(folder))
    shutil.rmtree(folder)
    exchange = answered(recordings)
    assert "No such file or directory" in recordings.problem
    assert (exchange.saved, exchange.body()) == (False, EVENTS)
    folder.mkdir()
    assert answered(recordings).saved
    assert recordings.problem == ""


@pytest.fixture
def full_disk() -> Iterator[None]:
    """A limit of the size of files, which has the effect of a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(EVENTS), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_on_a_full_disk_no_half_of_a_recording_remains(
    store: Callable[..., Recordings], tmp_path: Path, full_disk: None
) -> None:
    recordings = store(recordings=str(tmp_path))
    exchange = answered(recordings, body=EVENTS * 2)
    assert (exchange.saved, exchange.body()) == (False, EVENTS * 2)
    assert "File too large" in recordings.problem
    assert list(tmp_path.iterdir()) == []
