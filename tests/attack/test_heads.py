"""Heads that two servers could read in two ways are refused, by app.py as by gunicorn."""

from __future__ import annotations

import pytest

from tests.attack.raw import connect, head, reply
from tools.server import Server

KEY = b"x-api-key: any\r\n"
TOP = b"POST /generator/code HTTP/1.1\r\nhost: a\r\n"
FORM = b"content-type: application/x-www-form-urlencoded\r\n"
BODY = b"prompt=a"
CHUNKS = b"8\r\nprompt=a\r\n0\r\n\r\n"

AMBIGUOUS = {
    "two lengths": b"content-length: 8\r\ncontent-length: 9\r\n\r\n" + BODY,
    "twice the same length": b"content-length: 8\r\ncontent-length: 8\r\n\r\n" + BODY,
    "lengths in a list": b"content-length: 8, 8\r\n\r\n" + BODY,
    "a length and chunks": b"content-length: 8\r\ntransfer-encoding: chunked\r\n\r\n" + CHUNKS,
    "chunks and a length": b"transfer-encoding: chunked\r\ncontent-length: 8\r\n\r\n" + CHUNKS,
    "two codings": b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n" + CHUNKS,
    "another coding": b"transfer-encoding: gzip\r\n\r\n" + BODY,
    "a sign": b"content-length: +8\r\n\r\n" + BODY,
    "an underscore": b"content-length: 0_8\r\n\r\n" + BODY,
    "a negative length": b"content-length: -8\r\n\r\n" + BODY,
    "a length of letters": b"content-length: 0x8\r\n\r\n" + BODY,
    "a length of other digits": "content-length: ８\r\n\r\n".encode() + BODY,
    "a space before the colon": b"content-length : 8\r\n\r\n" + BODY,
    "a folded length": b"content-length:\r\n 8\r\n\r\n" + BODY,
    "a folded field": b"x-a: b\r\n c\r\ncontent-length: 8\r\n\r\n" + BODY,
    "a line end of LF": b"x-a: b\ncontent-length: 8\r\n\r\n" + BODY,
    "NUL in a value": b"x-a: b\0c\r\ncontent-length: 8\r\n\r\n" + BODY,
    "NUL in a name": b"x-\0a: b\r\ncontent-length: 8\r\n\r\n" + BODY,
    "CR in a value": b"x-a: b\rc\r\ncontent-length: 8\r\n\r\n" + BODY,
    "no colon": b"x-a\r\ncontent-length: 8\r\n\r\n" + BODY,
    "two hosts": b"host: b\r\ncontent-length: 8\r\n\r\n" + BODY,
    "many fields": b"x-a: b\r\n" * 101 + b"content-length: 8\r\n\r\n" + BODY,
}
REQUEST_LINES = {
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "HTTP/9.9": b"GET /healthz HTTP/9.9\r\nhost: a\r\n\r\n",
    "two spaces": b"GET  /healthz HTTP/1.1\r\nhost: a\r\n\r\n",
    "a tab": b"GET\t/healthz HTTP/1.1\r\nhost: a\r\n\r\n",
    "NUL": b"GET /healthz\0 HTTP/1.1\r\nhost: a\r\n\r\n",
}


def status(server: Server, request: bytes) -> int:
    with connect(server.url) as connection:
        connection.sendall(request)
        answer = reply(connection)
    return answer.status


@pytest.mark.parametrize("fields", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_head_that_can_be_read_in_two_ways_is_refused(server: Server, fields: bytes) -> None:
    assert status(server, TOP + FORM + fields) in (400, 431, 501)


@pytest.mark.parametrize("request_", REQUEST_LINES.values(), ids=REQUEST_LINES)
def test_a_request_line_that_is_none_is_refused(server: Server, request_: bytes) -> None:
    assert status(server, request_) in (400, 505)


def test_a_head_of_one_meaning_is_answered(server: Server) -> None:
    end = b"connection: close\r\n"
    for request in (
        TOP + FORM + end + b"content-length: 8\r\n\r\n" + BODY,
        TOP + FORM + end + b"Transfer-Encoding: Chunked\r\n\r\n" + CHUNKS,
        TOP + FORM + end + b"x-a:\tb \xff\r\ncontent-length: 8\r\n\r\n" + BODY,
        head(server.url, "GET", "/healthz", "connection: close", *["x-a: b"] * 90),
    ):
        assert status(server, request) == 200


def test_nothing_of_it_is_in_the_log(server: Server) -> None:
    end = b"connection: close\r\n\r\n"
    many = [b"x-a: b\r\n" * number + end for number in range(90, 105)]
    for fields in (*AMBIGUOUS.values(), *many):
        status(server, TOP + FORM + b"x-secret: MY PRIVATE WORD\r\n" + fields)
    assert "Traceback" not in server.log() and "PRIVATE" not in server.log()
