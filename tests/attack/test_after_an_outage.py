"""After an outage live mode opens again, and every end of a stream releases its place."""

from __future__ import annotations

import socket
import threading

import pytest

from tests.attack.hostile import CHUNKED, chunk, events, hostile, whole
from tests.live.asking import TIMEOUT, LiveSite, live_site, within

FAILING = "fail"
LASTING = "last"
SETTINGS = {
    "LIVE_RETRIES": "0",
    "LIVE_BREAKER_FAILURES": "1",
    "LIVE_BREAKER_SECONDS": "0.1",
    "LIVE_SILENCE_SECONDS": "60",
    "LIVE_REQUEST_SECONDS": "60",
}
# Values that a gateway may send as a number of tokens, and that cannot settle a budget.
USAGES = (
    b'{"output_tokens": 1%b}' % (309 * b"0"),
    b'{"output_tokens": 1%b}' % (5000 * b"0"),
    b'{"output_tokens": 1e999}',
    b'{"output_tokens": 5.5}',
    b'{"output_tokens": -5}',
    b'{"output_tokens": "5"}',
    b'{"output_tokens": [5]}',
    b'{"output_tokens": true}',
    b'{"output_tokens": 5, "input_tokens": 1%b}' % (309 * b"0"),
    b'{"output_tokens": 5, "cache_creation": {"ephemeral_1h_input_tokens": 1%b}}' % (400 * b"0"),
    b'{"output_tokens": 5, "cache_creation": {"ephemeral_1h_input_tokens": -99999999999}}',
    b"null",
    b"{}",
)


def eventually_whole(site: LiveSite) -> None:
    """Ask until the breaker admits a request, which must be answered."""
    found = []

    def is_whole() -> bool:
        found.append(site.ask("hello"))
        return found[-1].status == 200

    within(TIMEOUT, is_whole)
    assert {one.code for one in found[:-1]} <= {"breaker_open"}
    assert found[-1].text == "hello"


def test_a_trial_whose_stream_lasts_lets_everybody_in_at_its_first_event() -> None:
    may_end = threading.Event()

    def answers(connection: socket.socket, prompt: str) -> None:
        if prompt == FAILING:
            connection.sendall(b"HTTP/1.1 529 Busy\r\ncontent-length: 0\r\n\r\n")
        elif prompt == LASTING:
            begin, end, rest = events("a").partition(b"event: message_delta")
            connection.sendall(CHUNKED + chunk(begin))
            assert may_end.wait(2 * TIMEOUT)
            connection.sendall(chunk(end + rest) + b"0\r\n\r\n")
        else:
            connection.sendall(whole(prompt))

    with hostile(answers) as claude, live_site(claude.url, SETTINGS) as site:
        assert site.ask(FAILING).status == 529
        trials: list[socket.socket] = []

        def is_let_in() -> bool:
            trials.append(site.connect(LASTING))
            return trials[-1].recv(12) == b"HTTP/1.1 200"

        try:
            within(TIMEOUT, is_let_in)
            assert site.ask("hello").text == "hello"
        finally:
            may_end.set()
            for trial in trials:
                trial.close()


@pytest.mark.soak
def test_while_one_tries_nobody_else_does_and_one_who_leaves_gives_the_trial_back() -> None:
    waiting = threading.Semaphore(0)

    def answers(connection: socket.socket, prompt: str) -> None:
        if prompt == FAILING:
            connection.sendall(b"HTTP/1.1 529 Busy\r\ncontent-length: 0\r\n\r\n")
        elif prompt == LASTING:
            # Without a head the trial lasts until its visitor leaves.
            waiting.release()
            connection.recv(1)
        else:
            connection.sendall(whole(prompt))

    settings = {**SETTINGS, "LIVE_FIRST_EVENT_SECONDS": "60"}
    with hostile(answers) as claude, live_site(claude.url, settings) as site:
        assert site.ask(FAILING).status == 529
        trials: list[socket.socket] = []

        def is_trying() -> bool:
            trials.append(site.connect(LASTING))
            return waiting.acquire(timeout=0.2)

        within(TIMEOUT, is_trying)
        came = len(claude.requests)
        assert [site.ask("hello").code for _ in range(3)] == ["breaker_open"] * 3
        assert len(claude.requests) == came
        for trial in trials:
            trial.close()
        eventually_whole(site)


def test_usage_that_is_no_number_gives_back_its_place_and_what_was_reserved_stays_spent() -> None:
    def answers(connection: socket.socket, prompt: str) -> None:
        connection.sendall(whole("hello", USAGES[int(prompt)]))

    # One place, and a day's budget that these requests reserve whole.
    settings = {
        **SETTINGS,
        "LIVE_STREAMS": "1",
        "LIVE_TOKENS_PER_DAY": str(1000 * len(USAGES) + 999),
    }
    with hostile(answers) as claude, live_site(claude.url, settings) as site:
        for number in range(len(USAGES)):
            answer = site.ask(str(number))
            # Until the place is free again. Invalid JSON breaks its stream, after which the breaker
            # is open for a moment.
            while answer.status != 200 and answer.code in ("streams", "breaker_open"):
                answer = site.ask(str(number))
            assert (answer.status, answer.text) == (200, "hello")
        within(TIMEOUT, lambda: site.ask("0").code == "tokens_per_day")
        assert len(claude.requests) == len(USAGES)
        assert "Traceback" not in site.server.log()
