"""A prompt is sent to the upstream and nowhere else, without cookies of other responses."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.attack.hostile import Hostile, hostile, whole
from tests.live.asking import LiveSite, live_site

STATUSES = (300, 301, 302, 303, 307, 308)


@contextmanager
def redirecting(elsewhere: Hostile) -> Iterator[LiveSite]:
    """A site whose upstream redirects each request, with the status in the prompt."""

    def answers(connection: socket.socket, prompt: str) -> None:
        head = f"HTTP/1.1 {prompt} Moved\r\nlocation: {elsewhere.url}/v1/messages\r\n"
        connection.sendall(f"{head}content-length: 0\r\n\r\n".encode())

    with hostile(answers) as claude, live_site(claude.url, {"LIVE_RETRIES": "0"}) as site:
        yield site


def test_a_prompt_is_never_sent_on_to_where_a_redirect_says() -> None:
    with (
        hostile(lambda one, _: one.sendall(whole("stolen"))) as elsewhere,
        redirecting(elsewhere) as site,
    ):
        found = [site.ask(str(status)) for status in STATUSES]
    assert elsewhere.connections == 0
    for status, answer in zip(STATUSES, found, strict=True):
        assert (answer.status, answer.code) == (502, "live_no_stream")
        assert f"HTTP {status}" in answer.error["message"]


@pytest.mark.soak
def test_a_cookie_of_one_answer_is_sent_with_no_other_request() -> None:
    def answers(connection: socket.socket, prompt: str) -> None:
        cookies = b"\r\nset-cookie: who=ada\r\nset-cookie: all=1; path=/; domain=127.0.0.1\r\n"
        connection.sendall(whole(prompt).replace(b"\r\n", cookies, 1))

    with hostile(answers) as claude, live_site(claude.url) as site:
        first, second = site.ask("ada"), site.ask("bob")
    assert (first.text, second.text) == ("ada", "bob")
    assert len(claude.requests) == 2
    assert not any(b"\r\ncookie:" in request.lower() for request in claude.requests)
    assert "set-cookie" not in first.headers
