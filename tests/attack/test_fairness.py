"""While many send the most expensive requests of a route, other visitors are served soon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from statistics import median

import httpx2
import pytest

from streamguide.web.bodies import MOST_LARGE
from tests.attack.raw import connect, head
from tools.bench.dear import REQUESTS, USUAL
from tools.bench.flood import ask, flood, prepare, serving, waits
from tools.bench.machine import scheduled_seconds
from tools.server import Server, running

VISITORS = 50
SECONDS = 1.0
# Half of the waits took less than 0.06 s, where a visitor whose turn comes last waits for 10 s. A
# busy machine computes more slowly, and the first waits include 50 new connections.
MOST_CPU_SECONDS = 0.3
# 50 bodies of 31 MB would be 1,550 MB before they are parsed.
MOST_BYTES = 900_000_000
# One of each kind; `make soak` has them all.
SOME = (
    "messages, 31 MB of quotes",
    # Smaller than the other visitors' stream, which gets its turn all the same.
    "a whole answer",
    "live mode, 300 kB of unknown fields",
)

PATH = "/simulator/v1/messages"
KEY = ("x-api-key: any", "anthropic-version: 2026-10-21")


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=[] if one in SOME else pytest.mark.soak) for one in REQUESTS]
)
def test_others_are_answered_between_the_dearest_requests(name: str) -> None:
    dear = REQUESTS[name]
    with serving(dear.live, nullcontext()) as site:
        prepare(site.url, dear)
        with flood(site.url, name, VISITORS):
            found = waits(site, SECONDS)
        # The server's CPU while they wait does not depend on what other programs take.
        for page in ("/healthz", "page"):
            assert median(wait.cpu for wait in found[page]) < MOST_CPU_SECONDS
        # A stream gets its turn among requests that are as small.
        assert found["stream"]
        assert site.most_memory() < MOST_BYTES


@pytest.fixture(scope="module")
def hasty() -> Iterator[Server]:
    """A site where a body has a time limit of two seconds."""
    with running({"CLIENT_SECONDS": "2"}) as server:
        yield server


@pytest.mark.parametrize("name", ["a program, curl", "messages, 9,000 in 256 kB"])
def test_nothing_is_computed_for_visitors_who_have_left(hasty: Server, name: str) -> None:
    request = next(REQUESTS[name].requests(hasty.url))
    ask(hasty.url, request)
    before = scheduled_seconds(hasty.pid)
    ask(hasty.url, request)
    between = scheduled_seconds(hasty.pid)
    for _ in range(VISITORS):
        with connect(hasty.url) as connection:
            connection.sendall(request)
    # Its turn is after theirs.
    ask(hasty.url, request)
    assert scheduled_seconds(hasty.pid) - between < VISITORS / 2 * (between - before)
    journal = httpx2.get(f"{hasty.url}/simulator/journal.json", headers={"x-api-key": "any"})
    assert not [one for one in journal.json()["requests"] if one["ended"] is None]


def begin(server: Server, open_: ExitStack, number: int) -> None:
    """Begin this number of large bodies, and do not finish them."""
    for _ in range(number):
        connection = open_.enter_context(connect(server.url))
        connection.sendall(head(server.url, "POST", PATH, "content-length: 1000000", *KEY))


def large(server: Server) -> bytes:
    """A valid request with a large body."""
    return next(REQUESTS["messages, 31 MB of text"].requests(server.url))


def test_a_large_body_is_answered_once_others_are_ended_that_come_to_no_end(hasty: Server) -> None:
    with ExitStack() as open_:
        begin(hasty, open_, MOST_LARGE)
        assert ask(hasty.url, large(hasty)).startswith(b"HTTP/1.1 200 ")


def test_a_large_body_too_many_is_refused_in_the_apis_words(hasty: Server) -> None:
    with ExitStack() as open_:
        begin(hasty, open_, 3 * MOST_LARGE)
        refused = ask(hasty.url, large(hasty))
        assert refused.startswith(b"HTTP/1.1 529 ") and b"overloaded_error" in refused
        # Others need no place.
        small = next(USUAL["stream"].requests(hasty.url))
        assert ask(hasty.url, small).startswith(b"HTTP/1.1 200 ")
