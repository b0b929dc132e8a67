"""However the upstream misbehaves, no visitor gets another's response."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.attack.hostile import CHUNKED, HEAD, Hostile, chunk, events, hostile, whole
from tests.live.asking import LiveSite, live_site

PLAIN = "plain"
# The upstream's responses; `%b` is a correct one.
WHOLE_ALL_THE_SAME = {
    "100": b"HTTP/1.1 100 Continue\r\n\r\n%b",
    "102": b"HTTP/1.1 102 Processing\r\n\r\n%b",
    "103": b"HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n%b",
    "some of them": 3 * b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nlink: </a>\r\n\r\n" + b"%b",
    "more after the end": b"%bmore",
    "a second answer": b"%b%b",
    "an interim answer after the end": b"%bHTTP/1.1 103 Early Hints\r\n\r\n",
}
REFUSED = {
    "a status of letters": b"HTTP/1.1 abc\r\n\r\n%b",
    "a status of two digits": b"HTTP/1.1 99 Low\r\n\r\n%b",
    "no head": b"data: {}\n\n%b",
    **{
        f"{status}": b"HTTP/1.1 %d Odd\r\ncontent-length: 0\r\n\r\n" % status + b"%b"
        for status in (101, 201, 204, 206, 226, 300, 304, 399, 600, 999)
    },
}
# The transport may take or refuse these, but only for their own visitor.
AMBIGUOUS = (
    "interim",
    "short",
    "both",
    "two lengths",
    "HTTP/1.0",
    "negative",
    "hex",
    "in the tail",
)


def answer(way: str, prompt: str) -> bytes:
    """The response to a prompt, sent in this way."""
    if way in WHOLE_ALL_THE_SAME or way in REFUSED:
        return {**WHOLE_ALL_THE_SAME, **REFUSED}[way].replace(b"%b", whole(prompt))
    body = events(prompt)
    length = b"content-length: %d\r\n"
    match way:
        case "short":
            return HEAD + length % 40 + b"\r\n" + body + whole(prompt)
        case "interim":
            return 2000 * b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + whole(prompt)
        case "both":
            return CHUNKED[:-2] + length % 10 + b"\r\n" + chunk(body) + b"0\r\n\r\n" + whole(prompt)
        case "two lengths":
            return HEAD + length % len(body) + length % 10 + b"\r\n" + body + whole(prompt)
        case "HTTP/1.0":
            keeps = b"connection: keep-alive\r\n\r\n"
            return HEAD.replace(b"1.1", b"1.0") + length % len(body) + keeps + body + whole(prompt)
        case "negative":
            return CHUNKED + b"-5\r\n" + body + b"\r\n0\r\n\r\n" + whole(prompt)
        case "hex":
            return CHUNKED + b"0x%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) + whole(prompt)
        case "in the tail":
            return CHUNKED + chunk(body + events(prompt)) + b"0\r\n\r\n"
        case error if error.startswith("error"):
            status = error.removeprefix("error ").encode()
            return b"HTTP/1.1 %b Bad\r\ncontent-length: 2\r\n\r\n{}%b" % (status, whole(prompt))
        case _:
            return whole(prompt)


def answers(connection: socket.socket, prompt: str) -> None:
    """The prompt begins with the way."""
    connection.sendall(answer(prompt.partition("|")[0], prompt))


@pytest.fixture(
    scope="module", params=["directly", pytest.param("through a proxy", marks=pytest.mark.soak)]
)
def misled(request: pytest.FixtureRequest) -> Iterator[tuple[LiveSite, Hostile]]:
    """A site whose upstream misbehaves as the prompt says."""
    with hostile(answers) as claude:
        settings = {"LIVE_RETRIES": "0", "ANTHROPIC_BASE_URL": claude.url}
        if request.param == "through a proxy":
            proxy = {"http_proxy": claude.url, "no_proxy": "", "NO_PROXY": ""}
            settings |= proxy | {"ANTHROPIC_BASE_URL": "http://claude.test"}
        with live_site(claude.url, settings) as site:
            yield site, claude


def told(site: LiveSite, way: str) -> tuple[list[int], list[str]]:
    """The statuses and texts of two visitors. Fails if one got another's."""
    secrets = [uuid4().hex for _ in range(3)]
    statuses, texts = [], []
    for number, secret in enumerate(secrets):
        # The last visitor's response is correct, over the same connections.
        one = site.ask(f"{PLAIN if number == 2 else way}|{secret}")
        others = [other for other in secrets if other != secret]
        assert not any(other.encode() in one.body for other in others)
        statuses.append(one.status)
        texts.append(one.text.replace(secret, "own"))
    assert (statuses[2], texts[2]) == (200, f"{PLAIN}|own")
    return statuses[:2], texts[:2]


@pytest.mark.parametrize("way", WHOLE_ALL_THE_SAME)
def test_what_comes_beside_an_answer_is_passed_over(
    misled: tuple[LiveSite, Hostile], way: str
) -> None:
    assert told(misled[0], way) == ([200] * 2, [f"{way}|own"] * 2)


@pytest.mark.parametrize("way", REFUSED)
def test_what_is_no_answer_is_refused_as_the_relays_own(
    misled: tuple[LiveSite, Hostile], way: str
) -> None:
    assert told(misled[0], way) == ([502] * 2, [""] * 2)


@pytest.mark.parametrize("way", AMBIGUOUS)
def test_an_answer_whose_end_can_be_mistaken_reaches_nobody_else(
    misled: tuple[LiveSite, Hostile], way: str
) -> None:
    told(misled[0], way)


@pytest.mark.parametrize("status", [400, 404, 418, 500, 529, 599])
def test_an_error_of_claudes_keeps_its_status(
    misled: tuple[LiveSite, Hostile], status: int
) -> None:
    assert told(misled[0], f"error {status}") == ([status] * 2, [""] * 2)


def test_a_connection_is_used_again_after_a_right_answer_and_after_no_other() -> None:
    with (
        hostile(answers) as claude,
        live_site(claude.url, {"LIVE_RETRIES": "0"}) as site,
    ):
        assert [site.ask(PLAIN).status for _ in range(5)] == [200] * 5
        assert claude.connections == 1
        others = ["more after the end", "both", "error 529"]
        for number, way in enumerate(others):
            site.ask(way)
            assert site.ask(PLAIN).status == 200
            assert claude.connections == 2 + number
