"""Who gets through to live mode: requests that are wrong cost nothing and ask nobody."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.live.asking import KEY, LiveSite, answer_of, live_site, request_of

CODE = "open-sesame"


@pytest.fixture(scope="module")
def guarded(site: str) -> Iterator[LiveSite]:
    """A site with an access code, and small limits."""
    settings = {
        "LIVE_ACCESS_CODE": CODE,
        "LIVE_MAX_TOKENS": "1000",
        "LIVE_PROMPT_CHARACTERS": "1000",
        "CLIENT_SECONDS": "2",
        "LIVE_BREAKER_FAILURES": "3",
        "LIVE_BREAKER_SECONDS": "3600",
        "LIVE_RETRIES": "0",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    with live_site(site, settings) as running:
        yield running


def test_a_site_without_a_key_says_that_live_mode_is_off(site: str) -> None:
    answer = answer_of(httpx2.post(f"{site}/live/messages", json=request_of("Hello")))
    assert (answer.status, answer.code) == (404, "live_off")
    assert httpx2.get(f"{site}/metrics").status_code == 404


def test_a_program_that_takes_live_mode_for_a_base_url_is_told_of_the_simulator(site: str) -> None:
    answer = httpx2.post(f"{site}/live/v1/messages", json=request_of("Hello"))
    assert answer.status_code == 404
    assert "/simulator as their base URL" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example", "origin": "http://evil.example"},
    ],
)
def test_a_page_of_another_site_is_refused(live: LiveSite, headers: dict[str, str]) -> None:
    answer = live.ask(headers=headers)
    assert (answer.status, answer.code) == (403, "origin")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_form_of_another_site_could_send_is_refused(live: LiveSite, kind: str) -> None:
    answer = live.ask(headers={"content-type": kind})
    assert (answer.status, answer.code) == (400, "invalid_request_error")


def test_another_method_is_refused_in_the_same_envelope(live: LiveSite) -> None:
    answer = answer_of(httpx2.get(f"{live.url}/live/messages"))
    assert (answer.status, answer.code) == (405, "invalid_request_error")


def test_the_access_code_is_asked_for_and_lets_in(guarded: LiveSite) -> None:
    first = {"x-forwarded-for": "1.0.0.1"}
    assert (guarded.ask(headers=first).status, guarded.ask(headers=first).code) == (
        401,
        "access_code",
    )
    assert guarded.ask(headers={**first, "x-access-code": CODE}).status == 200


def test_codes_cannot_be_guessed(guarded: LiveSite) -> None:
    guesser = {"x-forwarded-for": "1.0.0.2"}
    codes = [
        guarded.ask(headers={**guesser, "x-access-code": f"guess-{number}"}).code
        for number in range(7)
    ]
    assert codes == ["access_code"] * 5 + ["access_tries"] * 2
    # Not even with the right one; other visitors are not concerned.
    assert guarded.ask(headers={**guesser, "x-access-code": CODE}).status == 429
    other = {"x-forwarded-for": "1.0.0.3", "x-access-code": CODE}
    assert guarded.ask(headers=other).status == 200


def test_ten_megabytes_are_refused_before_they_are_read(guarded: LiveSite) -> None:
    parts = urlsplit(guarded.url)
    with socket.create_connection((str(parts.hostname), parts.port or 80), 10) as connection:
        connection.sendall(
            f"POST /live/messages HTTP/1.1\r\nhost: {parts.netloc}\r\norigin: {guarded.url}\r\n"
            f"content-type: application/json\r\nx-access-code: {CODE}\r\n"
            "content-length: 10000000\r\n\r\n".encode()
        )
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_long_prompt_is_refused_with_its_limit(guarded: LiveSite) -> None:
    answer = guarded.ask("x" * 1001, headers={"x-access-code": CODE})
    assert answer.status == 413
    assert "1,000" in answer.error["message"]


def test_a_body_that_does_not_come_is_not_waited_for(guarded: LiveSite) -> None:
    with begun(guarded) as connection:
        start = time.monotonic()
        assert connection.recv(12) == b"HTTP/1.1 408"
        assert time.monotonic() - start < 15


def test_a_body_that_is_cut_is_refused(guarded: LiveSite) -> None:
    with begun(guarded) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(12) == b"HTTP/1.1 400"


def begun(guarded: LiveSite) -> socket.socket:
    """A connection on which only the beginning of a body was sent."""
    parts = urlsplit(guarded.url)
    connection = socket.create_connection((str(parts.hostname), parts.port or 80), 20)
    connection.sendall(
        f"POST /live/messages HTTP/1.1\r\nhost: {parts.netloc}\r\norigin: {guarded.url}\r\n"
        f"content-type: application/json\r\nx-access-code: {CODE}\r\n"
        'content-length: 100\r\n\r\n{"model":'.encode()
    )
    return connection


@pytest.mark.parametrize(
    "line", ["x-access-code: a\r\nset-cookie: b", "x-access-code: a\nhost: evil.example"]
)
def test_a_header_with_line_ends_reaches_no_answer(live: LiveSite, line: str) -> None:
    with live.connect() as plain:
        plain.close()
    parts = urlsplit(live.url)
    with socket.create_connection((str(parts.hostname), parts.port or 80), 10) as connection:
        connection.sendall(
            f"POST /live/messages HTTP/1.1\r\nhost: {parts.netloc}\r\n{line}\r\n"
            "content-type: application/json\r\ncontent-length: 2\r\n\r\n{}".encode()
        )
        head = connection.recv(65536).lower()
        assert head.startswith((b"http/1.1 400", b"http/1.1 403"))
        assert b"set-cookie" not in head


def test_markup_in_a_stream_is_passed_on_as_an_event_stream(live: LiveSite) -> None:
    answer = live.ask("simulate: markup/slow;factor=0")
    assert "<script>" in answer.text
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_thousand_requests_of_one_address_are_a_few(site: str) -> None:
    with (
        live_site(site, {"LIVE_VISITOR_PER_MINUTE": "3"}) as strict,
        httpx2.Client(headers={"origin": strict.url}) as client,
    ):
        url = f"{strict.url}/live/messages"
        wrong = {**request_of("Hello"), "model": "claude-opus-5-5", "max_tokens": 1}
        statuses = [client.post(url, json=wrong).status_code for _ in range(1000)]
        assert statuses.count(429) == 997
        last = answer_of(client.post(url, json=request_of("Hello")))
        assert (last.status, last.code) == (429, "visitor_per_minute")
        assert 1 <= int(last.headers["retry-after"]) <= 60


def test_after_failures_in_a_row_the_api_is_left_alone(guarded: LiveSite) -> None:
    code = {"x-access-code": CODE}
    for _ in range(3):
        assert guarded.ask("simulate: hello/status;code=529", headers=code).status == 529
    answer = guarded.ask("Hello", headers=code)
    assert (answer.status, answer.code) == (503, "breaker_open")
    assert int(answer.headers["retry-after"]) > 3000


def test_metrics_are_for_this_machine_only(live: LiveSite, guarded: LiveSite) -> None:
    live.ask("simulate: hello/slow;factor=0")
    assert 'live_streams_total{end="complete"}' in live.get("/metrics")
    passed_on = {"x-forwarded-for": "127.0.0.1"}
    assert httpx2.get(f"{live.url}/metrics", headers=passed_on).status_code == 403
    assert (
        httpx2.get(f"{guarded.url}/metrics", headers={"x-forwarded-for": "1.1.1.1"}).status_code
        == 403
    )


def test_a_site_that_others_can_reach_warns_that_it_is_open_to_everybody(site: str) -> None:
    with live_site(site, {"SITE_URL": "https://example.org"}) as public:
        assert "LIVE_ACCESS_CODE" in public.server.log()
        assert KEY not in public.server.log()


def test_a_model_that_nobody_knows_stops_the_start(site: str) -> None:
    with pytest.raises(RuntimeError, match=r"LIVE_MODELS is 'claude-9'; it takes ids from"):
        live_site(site, {"LIVE_MODELS": "claude-9"}).__enter__()
