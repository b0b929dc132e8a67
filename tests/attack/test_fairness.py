"""While many ask for the dearest thing that a route has, others are answered soon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from streamguide.web.bodies import MOST_LARGE
from tests.attack.raw import connect, head
from tools.bench.dear import REQUESTS, USUAL
from tools.bench.flood import ask, flood, prepare, waits
from tools.bench.report import percentile
from tools.server import Server, running

VISITORS = 50
SECONDS = 4.0
# It was tens of seconds. The measurement (`python -m tools.bench fairness`) says 0.1 s; a busy machine
# computes more slowly too.
MOST_CPU_SECONDS = 0.3
# 50 bodies of 31 MB would be 1,550 MB, and what they are parsed into comes on top.
MOST_BYTES = 900_000_000
# One of each kind; `make soak` has them all.
SOME = (
    "messages of 100,000 blocks",
    "messages, 31 MB of quotes",
    "a program, curl",
    # Smaller than what others send meanwhile, who get their turn nevertheless.
    "a whole answer",
)

PATH = "/simulator/v1/messages"
KEY = ("x-api-key: any", "anthropic-version: 2026-10-21")


@pytest.fixture
def site() -> Iterator[Server]:
    """A site that has answered before: what is made once is made."""
    with running() as server:
        waits(server, 0)
        yield server


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=[] if one in SOME else pytest.mark.soak) for one in REQUESTS]
)
def test_others_are_answered_between_the_dearest_requests(site: Server, name: str) -> None:
    prepare(site.url, REQUESTS[name])
    with flood(site.url, name, VISITORS):
        found = waits(site, SECONDS)
    # The server's CPU while they wait: a busy machine makes them wait longer, but no more is done.
    for page in ("/healthz", "page"):
        assert percentile([wait.cpu for wait in found[page]], 0.95) < MOST_CPU_SECONDS
    # A stream takes its turn among requests that may need as little as it does, and comes.
    assert found["stream"]
    assert site.most_memory() < MOST_BYTES


@pytest.fixture
def hasty() -> Iterator[Server]:
    """A site where a body may take two seconds."""
    with running({"CLIENT_SECONDS": "2"}) as server:
        yield server


def begin(server: Server, open_: ExitStack, number: int) -> None:
    """Begin so many large bodies that come to no end."""
    for _ in range(number):
        connection = open_.enter_context(connect(server.url))
        connection.sendall(head(server.url, "POST", PATH, "content-length: 1000000", *KEY))


def large(server: Server) -> bytes:
    """A request with a body of some size, which is right."""
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
