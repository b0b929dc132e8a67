"""Rates and open streams are limited on a public site, and not on a local one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.attack.conftest import ONE_COMMAND, served
from tests.attack.raw import connect, head, to_the_end
from tests.live.asking import TIMEOUT, within
from tools.server import Server

PUBLIC = {"SITE_URL": "https://example.org", "TRUSTED_PROXIES": "127.0.0.1"}
FEW = {"VISITOR_PER_MINUTE": "3"}
NARROW = {"VISITOR_STREAMS": "2", "KEY_STREAMS": "3"}
LONG = "/simulator/long-prose/pace;seconds=0.2/v1/messages"
BODY = {
    "model": "claude-opus-5-5",
    "max_tokens": 20_000,
    "stream": True,
    "messages": [{"role": "user", "content": "Hello"}],
}
VERSION = "anthropic-version: 2026-10-21"


def get(server: Server, path: str, visitor: str) -> httpx2.Response:
    """The response to a visitor, named by a proxy."""
    headers = {"x-forwarded-for": visitor, "x-api-key": "any"}
    return httpx2.get(f"{server.url}{path}", headers=headers, timeout=TIMEOUT)


@pytest.fixture(scope="module", params=ONE_COMMAND)
def few(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A public site with three requests per minute."""
    with served(request.param, PUBLIC | FEW) as found:
        yield found


@pytest.fixture(scope="module", params=ONE_COMMAND)
def narrow(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A public site with two streams per visitor, and three per key."""
    with served(request.param, PUBLIC | NARROW) as found:
        yield found


def statuses(server: Server, path: str, visitor: str, times: int) -> list[int]:
    return [get(server, path, visitor).status_code for _ in range(times)]


def test_one_request_too_many_gets_a_page_that_says_so(few: Server) -> None:
    visitor = "1.0.0.1"
    # A minute may end between them, and then the count begins anew.
    assert 429 in statuses(few, "/generator", visitor, 7)
    within(TIMEOUT, lambda: get(few, "/generator", visitor).status_code == 429)
    answer = get(few, "/generator", visitor)
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["content-type"].startswith("text/html")
    assert "That is more than one visitor may ask for" in answer.text


def test_a_program_is_told_in_the_apis_envelope(few: Server) -> None:
    visitor = "1.0.0.2"
    path = "/simulator/v1/models"
    within(TIMEOUT, lambda: get(few, path, visitor).status_code == 429)
    answer = get(few, path, visitor)
    assert answer.json()["type"] == "error"
    assert answer.json()["error"]["type"] == "rate_limit_error"
    assert answer.json()["request_id"] == answer.headers["request-id"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_another_visitor_and_the_pages_are_not_concerned(few: Server) -> None:
    within(TIMEOUT, lambda: get(few, "/generator", "1.0.0.3").status_code == 429)
    assert get(few, "/generator", "1.0.0.4").status_code == 200
    for path in ("/", "/guide/events", "/live", "/healthz"):
        assert statuses(few, path, "1.0.0.3", 10) == [200] * 10


def test_addresses_of_one_home_are_one_visitor(few: Server) -> None:
    homes = [f"2001:db8:1:2::{number:x}" for number in range(1, 8)]
    assert 429 in [get(few, "/generator", home).status_code for home in homes]


def test_a_visitors_own_claims_give_him_no_more(few: Server) -> None:
    claims = [f"9.9.9.{number}, 1.0.0.5" for number in range(7)]
    assert 429 in [get(few, "/generator", claim).status_code for claim in claims]


def stream(server: Server, open_: ExitStack, visitor: str, key: str) -> bytes:
    """Begin a long stream; returns the first bytes of its response, or a whole refusal."""
    body = json.dumps(BODY).encode()
    lines = (f"x-forwarded-for: {visitor}", f"x-api-key: {key}", VERSION)
    connection = open_.enter_context(connect(server.url))
    length = f"content-length: {len(body)}"
    connection.sendall(head(server.url, "POST", LONG, length, *lines) + body)
    begun = connection.recv(65536)
    # A refusal ends its connection, because the body is not read.
    return begun if begun.startswith(b"HTTP/1.1 200") else begun + to_the_end(connection)


def test_one_stream_too_many_is_refused_until_one_has_ended(narrow: Server) -> None:
    with ExitStack() as others:
        with ExitStack() as first:
            assert stream(narrow, first, "1.0.0.1", "a").startswith(b"HTTP/1.1 200")
            assert stream(narrow, others, "1.0.0.1", "b").startswith(b"HTTP/1.1 200")
            refused = stream(narrow, others, "1.0.0.1", "c")
            assert refused.startswith(b"HTTP/1.1 429")
            assert b"retry-after: 5" in refused.lower() and b"rate_limit_error" in refused
            assert stream(narrow, others, "1.0.0.2", "c").startswith(b"HTTP/1.1 200")
        within(TIMEOUT, lambda: stream(narrow, others, "1.0.0.1", "d").startswith(b"HTTP/1.1 200"))


def test_a_key_has_a_limit_however_many_addresses_use_it(narrow: Server) -> None:
    own = get(narrow, "/simulator/key.json", "3.0.0.1").json()["key"]
    with ExitStack() as open_:
        for number in range(3):
            begun = stream(narrow, open_, f"3.0.0.{number}", own)
            assert begun.startswith(b"HTTP/1.1 200")
        refused = stream(narrow, open_, "3.0.0.9", own)
        assert refused.startswith(b"HTTP/1.1 429") and b"with this key" in refused
        assert stream(narrow, open_, "3.0.0.9", "another").startswith(b"HTTP/1.1 200")


def test_a_key_that_the_site_did_not_give_out_is_everybodys(narrow: Server) -> None:
    with ExitStack() as open_:
        for number in range(5):
            begun = stream(narrow, open_, f"4.0.0.{number}", "any-key")
            assert begun.startswith(b"HTTP/1.1 200")


def test_on_a_local_site_nothing_is_limited() -> None:
    with served("app.py", FEW | NARROW) as site, ExitStack() as open_:
        assert urlsplit(site.url).hostname == "127.0.0.1"
        assert statuses(site, "/generator", "1.0.0.1", 10) == [200] * 10
        for _ in range(10):
            assert stream(site, open_, "1.0.0.1", "any").startswith(b"HTTP/1.1 200")
