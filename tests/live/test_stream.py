"""A relayed stream by itself, with a Claude and a server made for it."""

from __future__ import annotations

import gc
import json
import socket
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from functools import partial
from typing import Any, cast

import gevent
import pytest
import urllib3
from gevent import socket as green
from pydantic import SecretStr
from werkzeug.test import create_environ

from streamguide.content import CONTENT
from streamguide.live import ends
from streamguide.live.account import Account
from streamguide.live.chunks import WholeChunks
from streamguide.live.ends import End
from streamguide.live.frames import Frames
from streamguide.live.relay import Relay
from streamguide.live.sender import Sender
from streamguide.live.stream import Record, Stream
from streamguide.live.transport import Body
from streamguide.live.upstream import Answer, Rest, Upstream
from streamguide.models import load
from streamguide.protocol.refusal import Refusal
from streamguide.settings import LiveSettings
from streamguide.web.live import Relayed
from tests.live.chunked import END, HEAD, chunk

MODEL = "claude-haiku-5-5"


def event(content: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (content["type"].encode(), json.dumps(content).encode())


START = event({"type": "message_start", "message": {}})
PING = event({"type": "ping"})
DELTA = event({"type": "content_block_delta"})
STOP = event({"type": "message_stop"})
ERROR = event({"type": "error", "error": {"type": "api_error"}})


class Claude:
    """Answers with some pieces, and with nothing after them."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter([*pieces, b""])

    def ask(self, body: Any, heard: Any, stack: ExitStack) -> Answer:
        rest = Rest(partial(next, self._pieces), heard)
        first = rest.next()
        assert isinstance(first, Frames)
        return Answer("req_1", first, rest)


def played(pieces: list[bytes], while_sending: bytes) -> tuple[list[bytes], Stream]:
    """What was sent of a stream that is interrupted while one of its pieces is being sent."""
    sent: list[bytes] = []
    claude = cast(Upstream, Claude(pieces))
    stream = Stream(claude, {}, LiveSettings(key=SecretStr("key")), lambda record: None)
    stream.first()
    stream.sender = Sender(sent.append)
    for data in stream.frames():
        sent.append(data)
        if data == while_sending:
            stream.interrupt(ends.TOO_LONG)
    stream.close()
    return sent, stream


@pytest.mark.parametrize(("last", "end"), [(STOP, ends.COMPLETE), (ERROR, ends.TOLD)])
def test_nothing_follows_the_last_event(last: bytes, end: End) -> None:
    sent, stream = played([START, DELTA, last], while_sending=last)
    assert sent == [START, DELTA, last]
    assert stream.record.end is end


def test_a_frame_that_is_being_sent_is_finished_before_the_end_is_told() -> None:
    sent, stream = played([START, DELTA, STOP], while_sending=DELTA)
    assert sent == [START, DELTA, ends.TOO_LONG.event("req_1")]
    assert stream.record.end is ends.TOO_LONG


def test_a_stream_that_is_over_waits_for_no_garbage_collector(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    settings = LiveSettings(key=SecretStr("key"), models=(MODEL,))
    models = load(CONTENT / "models.toml")
    relay = Relay(settings, lambda: models, {})
    relay.upstream = cast(Upstream, Claude([START, DELTA, STOP]))
    asked = {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
    gc.disable()
    try:
        stream = relay.open(json.dumps(asked).encode(), "somebody", pair[0])
        stream.sender = Sender(pair[0].sendall)
        for data in stream.frames():
            pair[0].sendall(data)
        stream.close()
        assert stream.record.end is ends.COMPLETE
        left = weakref.ref(stream)
        del stream
        # The greenlet that reads the end of Claude's answer has its turn.
        gevent.sleep(0)
        assert left() is None
    finally:
        gc.enable()


class Chunked:
    """Answers with the chunks that come over a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def ask(self, body: Any, heard: Any, stack: ExitStack) -> Answer:
        whole = WholeChunks(self._connection)
        stack.callback(self._connection.close)
        stack.callback(whole.close)
        whole.begin()
        answer = urllib3.HTTPResponse(whole, original_response=whole, preload_content=False)
        came = Body(answer)
        rest = Rest(came.read, heard, came.chunks)
        first = rest.next()
        assert isinstance(first, Frames)
        return Answer("req_1", first, rest)


class Passed:
    """A stream between two connections, served: `claude` and `visitor` are a test's ends of them.

    `written` is what went the server's way: the beginning, and what had to be waited for.
    """

    def __init__(self) -> None:
        upstream, self.claude = green.socketpair()
        self._connection, self.visitor = green.socketpair()
        self.claude.sendall(HEAD + chunk(START))
        self.written: list[bytes] = []
        claude = cast(Upstream, Chunked(upstream))
        self.stream = Stream(claude, {}, LiveSettings(key=SecretStr("key")), lambda record: None)
        self.stream.first()
        self.stream.sender = Sender(self._write, self._connection)
        self._served = gevent.spawn(self._serve)
        self._sockets = (upstream, self._connection, self.claude, self.visitor)

    def _write(self, data: bytes) -> None:
        self.written.append(data)
        self._connection.sendall(chunk(data))

    def _serve(self) -> None:
        for data in self.stream.frames():
            self._write(data)
        self.stream.close()
        self._connection.shutdown(socket.SHUT_WR)

    def end(self) -> End | Refusal | None:
        """Wait until it is over; gives how it ended."""
        self._served.get(timeout=10)
        return self.stream.record.end

    def got(self) -> list[bytes]:
        """What the visitor gets until the end, chunk by chunk."""
        with self.visitor.makefile("rb") as body:
            chunks = []
            while size := body.readline():
                chunks.append(body.read(int(size, 16)))
                assert body.readline() == b"\r\n"
        return chunks

    def close(self) -> None:
        """Close all ends."""
        for one in self._sockets:
            one.close()


@pytest.fixture
def passed() -> Iterator[Passed]:
    with closing(Passed()) as found:
        yield found


def test_events_that_come_whole_pass_without_the_server_or_its_greenlet(passed: Passed) -> None:
    assert passed.visitor.recv(1000) == chunk(START)
    passed.claude.sendall(chunk(DELTA))
    assert passed.visitor.recv(1000) == chunk(DELTA)
    passed.claude.sendall(chunk(DELTA) + chunk(DELTA))
    assert passed.visitor.recv(1000) == chunk(DELTA + DELTA)
    passed.claude.sendall(chunk(STOP) + END)
    assert passed.visitor.recv(1000) == chunk(STOP)
    assert passed.end() is ends.COMPLETE
    assert passed.written == [START, STOP]
    assert passed.stream.record.events == 5


def test_an_answer_split_at_any_byte_arrives_whole() -> None:
    sent = chunk(DELTA) + chunk(PING + DELTA) + chunk(DELTA[:9]) + chunk(DELTA[9:]) + chunk(STOP)
    for place in range(len(sent)):
        with closing(Passed()) as passed:
            passed.claude.sendall(sent[:place])
            gevent.sleep(0)
            passed.claude.sendall(sent[place:] + END)
            assert passed.end() is ends.COMPLETE
            assert b"".join(passed.got()) == START + DELTA + PING + DELTA + DELTA + STOP
            assert passed.stream.record.events == 6


def test_the_last_event_ends_a_stream_before_its_body_has_ended(passed: Passed) -> None:
    passed.claude.sendall(chunk(DELTA) + chunk(STOP))
    assert passed.end() is ends.COMPLETE
    assert b"".join(passed.got()) == START + DELTA + STOP


@pytest.mark.parametrize(
    ("rest", "end"), [(END, ends.ENDED_EARLY), (b"", ends.DROPPED)], ids=["early", "dropped"]
)
def test_an_end_that_comes_with_an_event_is_told_at_once(
    passed: Passed, rest: bytes, end: End
) -> None:
    passed.claude.sendall(chunk(DELTA) + rest)
    if not rest:
        passed.claude.shutdown(socket.SHUT_WR)
    assert passed.end() is end
    assert passed.got() == [START, DELTA, end.event("req_1")]


# More than the buffers of both connections take.
MANY = 50_000


def held_back(passed: Passed) -> None:
    """Have Claude send many events and the end, and wait until the visitor has to take some."""

    def talk() -> None:
        with suppress(OSError):
            passed.claude.sendall(MANY * chunk(DELTA) + chunk(STOP) + END)

    gevent.spawn(talk)
    while not passed.stream.is_sending:
        gevent.sleep(0.001)


def test_nothing_goes_into_an_event_that_is_half_out_and_nothing_is_lost(passed: Passed) -> None:
    held_back(passed)
    passed.stream.look(time.monotonic() + HEARTBEAT_SECONDS)
    assert b"".join(passed.got()) == START + MANY * DELTA + STOP
    assert passed.end() is ends.COMPLETE


def test_an_event_that_is_half_out_is_finished_before_the_end_is_told(passed: Passed) -> None:
    held_back(passed)
    passed.stream.interrupt(ends.TOO_LONG)
    *events, last = passed.got()
    assert set(b"".join(events).removeprefix(START).split(DELTA)) == {b""}
    assert last == ends.TOO_LONG.event("req_1")
    assert passed.end() is ends.TOO_LONG


def test_an_interrupted_stream_passes_nothing_on_any_more(passed: Passed) -> None:
    assert passed.visitor.recv(1000) == chunk(START)
    passed.claude.sendall(chunk(DELTA))
    assert passed.visitor.recv(1000) == chunk(DELTA)
    passed.stream.interrupt(ends.TOO_LONG)
    passed.claude.sendall(chunk(DELTA))
    assert passed.got() == [ends.TOO_LONG.event("req_1")]


def test_a_visitor_who_is_gone_ends_a_stream_and_claudes_answer(passed: Passed) -> None:
    assert passed.visitor.recv(1000) == chunk(START)
    passed.visitor.close()
    passed.claude.sendall(chunk(DELTA))
    assert passed.end() is ends.LEFT
    assert passed.claude.recv(1) == b""


# Longer than the default of a heartbeat, and than that of Claude's silence.
HEARTBEAT_SECONDS, SILENT_SECONDS = 11, 121
HEARTBEAT = b": waiting for Claude\n\n"


def test_a_silence_is_filled_beside_what_the_hub_passes_on(passed: Passed) -> None:
    assert passed.visitor.recv(1000) == chunk(START)
    passed.claude.sendall(chunk(DELTA))
    assert passed.visitor.recv(1000) == chunk(DELTA)
    passed.stream.look(time.monotonic() + HEARTBEAT_SECONDS)
    assert passed.visitor.recv(1000) == chunk(HEARTBEAT)
    passed.claude.sendall(chunk(DELTA) + chunk(STOP) + END)
    assert passed.end() is ends.COMPLETE
    assert b"".join(passed.got()) == DELTA + STOP


def test_no_silence_is_filled_after_the_end(passed: Passed) -> None:
    assert passed.visitor.recv(1000) == chunk(START)
    passed.stream.look(time.monotonic() + HEARTBEAT_SECONDS)
    passed.stream.interrupt(ends.TOO_LONG)
    assert passed.end() is ends.TOO_LONG
    assert passed.got() == [ends.TOO_LONG.event("req_1")]


def test_a_silence_that_is_too_long_ends_a_stream_that_the_hub_passes_on(passed: Passed) -> None:
    assert passed.visitor.recv(1000) == chunk(START)
    passed.stream.look(time.monotonic() + SILENT_SECONDS)
    end = passed.end()
    assert end == ends.silent(120)
    assert passed.got() == [ends.silent(120).event("req_1")]
    assert passed.claude.recv(1) == b""


def test_an_error_of_ours_is_told_to_the_visitor_and_printed(
    passed: Passed, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(account: Account, event: Mapping[str, Any]) -> None:
        raise ZeroDivisionError("ours")

    assert passed.visitor.recv(1000) == chunk(START)
    monkeypatch.setattr(Account, "read", fail)
    passed.claude.sendall(chunk(DELTA))
    assert passed.end() is ends.DROPPED
    assert passed.got() == [ends.DROPPED.event("req_1")]
    assert "ZeroDivisionError: ours" in capfd.readouterr().err


def test_an_answer_that_the_server_refuses_to_begin_is_closed() -> None:
    told: list[Record] = []
    claude = cast(Upstream, Claude([START, DELTA]))
    stream = Stream(claude, {}, LiveSettings(key=SecretStr("key")), told.append)
    stream.first()

    def refuse(*head: Any) -> Any:
        raise ValueError("a header that cannot be sent")

    with pytest.raises(ValueError, match="a header"):
        Relayed(stream)(create_environ(method="POST"), refuse)
    assert [record.end for record in told] == [ends.LEFT]
