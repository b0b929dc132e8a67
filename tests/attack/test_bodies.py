"""A body that is too large is not read, on any route."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import pytest

from tests.attack.raw import Reply, chunk, connect, head, reply, sent
from tools.server import Server

FORM = "content-type: application/x-www-form-urlencoded"
MULTIPART = "content-type: multipart/form-data; boundary=b"
KILO = 1024
MOST = 64 * KILO
# The bytes that the server discards after a response (34 MB), and those that the system buffers.
UNREAD = 48 * KILO * KILO
ENDLESS = itertools.repeat(chunk(b"a" * 65536), 4 * UNREAD // 65536)

FIELD = b'--b\r\ncontent-disposition: form-data; name="prompt"%b\r\n\r\n%b\r\n--b--\r\n'
FORMS = {
    "one value": (FORM, b"prompt=" + b"a" * MOST),
    "names without number": (FORM, b"a&" * MOST),
    "distinct names": (FORM, b"&".join(b"n%d=" % number for number in range(MOST))),
    "nothing but signs": (FORM, b"&" * 2 * MOST),
    "a field in parts": (MULTIPART, FIELD % (b"", b"a" * MOST)),
    "a file": (MULTIPART, FIELD % (b'; filename="f"', b"a" * MOST)),
    "no form": ("content-type: text/plain", b"a" * 2 * MOST),
}


Send = Callable[..., Reply]


def post(server: Server, path: str, body: bytes, *headers: str) -> Reply:
    """The response to a body with a Content-Length."""
    with connect(server.url) as connection:
        length = f"content-length: {len(body)}"
        sent(connection, [head(server.url, "POST", path, length, *headers), body])
        return reply(connection)


def post_chunked(server: Server, path: str, body: bytes, *headers: str) -> Reply:
    """The response to a chunked body."""
    with connect(server.url) as connection:
        chunked = head(server.url, "POST", path, "transfer-encoding: chunked", *headers)
        sent(connection, [chunked, chunk(body), chunk(b"")])
        return reply(connection)


@pytest.mark.parametrize("send", [post, post_chunked])
@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_too_large_gets_a_page_that_says_so(
    server: Server, form: str, send: Send
) -> None:
    kind, body = FORMS[form]
    answer = send(server, "/generator", body, kind)
    assert answer.status == 413
    assert b"at most 64 kB" in answer.body
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("send", [post, post_chunked])
def test_whoever_asks_for_the_code_is_told_in_json(server: Server, send: Send) -> None:
    kind, body = FORMS["one value"]
    answer = send(server, "/generator/code", body, kind)
    assert answer.status == 413
    assert "at most 64 kB" in json.loads(answer.body)["error"]["message"]


@pytest.mark.parametrize("send", [post, post_chunked])
def test_a_form_that_is_just_small_enough_is_read_to_its_end(server: Server, send: Send) -> None:
    body = b"prompt=" + b"a" * (MOST - 7 - 15) + b"&max_tokens=777"
    assert len(body) == MOST
    close = "connection: close"
    answer = send(server, "/generator/code", body, FORM, close)
    # The option refuses a prompt of this length, so it was read.
    assert (answer.status, list(json.loads(answer.body)["errors"])) == (400, ["prompt"])


@pytest.mark.parametrize("path", ["/", "/guide/events", "/generator", "/healthz", "/nowhere"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_body_without_an_end_is_not_read(server: Server, path: str, method: str) -> None:
    with connect(server.url) as connection:
        begin = head(server.url, method, path, "transfer-encoding: chunked", FORM)
        assert sent(connection, [begin, *ENDLESS]) < UNREAD
    assert "Traceback" not in server.log()


def test_the_simulator_says_so_in_the_apis_envelope(server: Server) -> None:
    with connect(server.url) as connection:
        length = f"content-length: {32 * KILO * KILO + 1}"
        path = "/simulator/v1/messages"
        sent(connection, [head(server.url, "POST", path, length, "x-api-key: any")])
        answer = reply(connection)
    assert answer.status == 413
    assert (
        b'"request_too_large","message":"Request exceeds the maximum size of 32 MB"' in answer.body
    )


def test_a_refusal_before_the_body_leaves_the_body_unread(server: Server) -> None:
    with connect(server.url) as connection:
        begin = head(server.url, "POST", "/simulator/v1/messages", "transfer-encoding: chunked")
        assert sent(connection, [begin, *ENDLESS]) < UNREAD
