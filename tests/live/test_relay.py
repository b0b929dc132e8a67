"""The relay of a site that runs by itself. test_deployed.py has it meet every fault, behind nginx."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from streamguide.protocol.sse import encode
from tests.live.asking import (
    KEY,
    TIMEOUT,
    LiveSite,
    direct,
    live_site,
    shapes,
    within,
)
from tests.live.endless import START, endless

PAGES = ("/", "/live", "/demo", "/guide", "/llms.txt", "/protocol.json", "/metrics", "/nowhere")
WHOLE = ("hello", "tool-use", "thinking", "citations")


@pytest.mark.parametrize(
    ("fault", "status", "code", "requests"),
    [
        ("status;code=529", 529, "overloaded_error", 3),
        ("status;code=400", 400, "invalid_request_error", 1),
        ("status;code=401", 401, "authentication_error", 1),
        (
            "status;code=429;error_code=enforced_spend_limit_reached",
            429,
            "enforced_spend_limit_reached",
            1,
        ),
        (
            "status;code=429;error_code=contract_spend_limit_reached;retry-after=1",
            429,
            "contract_spend_limit_reached",
            1,
        ),
        ("error-event;at=1", 529, "overloaded_error", 3),
        ("not-sse", 502, "live_no_stream", 1),
        ("no-response", 502, "live_unreachable", 3),
        ("slow-headers;seconds=30", 504, "live_first_event", 1),
        ("drop;at=9", 200, "live_dropped", 1),
        ("end-early", 200, "live_ended_early", 1),
        ("stall;seconds=30", 200, "live_silent", 1),
        ("garble", 200, "live_broken_event", 1),
        ("error-event;at=9", 200, "overloaded_error", 1),
    ],
)
def test_each_end_has_its_name_and_only_the_safe_ones_are_tried_again(
    live: LiveSite, fault: str, status: int, code: str, requests: int
) -> None:
    word = uuid4().hex
    answer = live.ask(f"simulate: hello/slow;factor=0+{fault} {word}")
    assert (answer.status, answer.code) == (status, code)
    assert len(live.journal(word)) == requests


@pytest.mark.parametrize("scenario", WHOLE)
def test_a_whole_answer_goes_on_byte_by_byte(live: LiveSite, scenario: str) -> None:
    word = uuid4().hex
    answer = live.ask(f"simulate: {scenario}/slow;factor=0 {word}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in answer.headers
    assert shapes(answer.events) == shapes(
        direct(live.simulator, f"simulate: {scenario}/slow;factor=0")
    )
    assert live.journal(word)[0]["ended"] == "complete"


def test_a_retry_waits_as_long_as_it_was_told(live: LiveSite) -> None:
    word = uuid4().hex
    live.ask(f"simulate: hello/slow;factor=0+status;code=429;retry-after=1;times=1 {word}")
    assert [one["status"] for one in live.journal(word)] == [429, 200]
    assert live.journal(word)[1]["gap_ms"] >= 1000


def test_a_silence_is_filled_with_comments(live: LiveSite) -> None:
    answer = live.ask("simulate: hello/slow;factor=0+stall;seconds=1.8")
    assert answer.events[-1]["type"] == "message_stop"
    assert answer.comments >= 2


def test_pings_go_on_and_end_a_silence(live: LiveSite) -> None:
    answer = live.ask("simulate: hello/slow;factor=0+stall;seconds=3;how=pings")
    assert answer.events[-1]["type"] == "message_stop"
    assert [event["type"] for event in answer.events].count("ping") > 1


@pytest.mark.parametrize("fault", ["stall;seconds=60", "slow-headers;seconds=60", "slow;factor=5"])
def test_a_visitor_who_leaves_ends_the_request_within_a_second(live: LiveSite, fault: str) -> None:
    word = uuid4().hex
    with live.connect(f"simulate: hello/{fault} {word}") as connection:
        if not fault.startswith("slow-headers"):
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        within(20, lambda: len(live.journal(word)) == 1)
    within(1, lambda: live.journal(word)[0]["ended"] is not None)
    assert live.journal(word)[0]["ended"] == "left"


def test_a_visitor_who_takes_nothing_holds_claude_back_until_they_leave() -> None:
    with endless() as claude, live_site(claude.url) as site, site.connect() as connection:
        assert claude.is_held.wait(TIMEOUT)
        assert not claude.has_ended.is_set()
        connection.shutdown(socket.SHUT_WR)
        assert claude.has_ended.wait(1)


@contextmanager
def naming(request_id: bytes) -> Iterator[str]:
    """The address of a Claude that answers one request, under this id."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: %b\r\n\r\n"

    def answer() -> None:
        with listening, listening.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(head % request_id + encode(START) + encode({"type": "message_stop"}))

    listening = socket.create_server(("127.0.0.1", 0))
    # A site takes a minute and more to start on a busy machine.
    listening.settimeout(5 * TIMEOUT)
    thread = threading.Thread(target=answer)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    thread.join()


@pytest.mark.parametrize("request_id", ["r✓".encode(), b"\xff"])
def test_an_id_that_no_header_can_hold_is_left_out_and_the_stream_goes_on(
    request_id: bytes,
) -> None:
    with naming(request_id) as claude, live_site(claude) as site:
        answer = site.ask()
    assert answer.status == 200
    assert answer.headers["request-id"] == ""
    assert [event["type"] for event in answer.events] == ["message_start", "message_stop"]


def test_the_key_is_in_no_answer_page_log_or_metric(live: LiveSite) -> None:
    bodies = [
        live.ask(f"simulate: hello/slow;factor=0+{fault}").body
        for fault in ("none", "drop", "status;code=401")
    ]
    assert all(KEY.encode() not in body for body in bodies)
    assert all(KEY not in live.get(path) for path in PAGES)
    assert KEY not in live.server.log()


def test_a_stream_that_is_over_is_one_line_of_the_log(live: LiveSite) -> None:
    answer = live.ask("simulate: hello/slow;factor=0 and say: a secret of mine")
    request_id = answer.headers["request-id"]
    assert live.server.prints(request_id)
    [line] = [line for line in live.server.log().splitlines() if request_id in line]
    found = json.loads(line)
    assert found["end"] == "complete"
    assert found["usage"]["output_tokens"] == answer.events[-2]["usage"]["output_tokens"]
    assert found["dollars"] > 0
    assert found["first_event_ms"] <= found["duration_ms"]
    assert "secret" not in line
