"""What passes the recorder: all of it, unchanged, at once, and nothing else."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx2
import pytest

from streamguide.live.transport import Transport
from streamguide.recorder.exchange import Sent
from streamguide.recorder.passing import Unreachable, open_transport, request_to
from tests.attack.hostile import CHUNKED, HEAD, Hostile, chunk, events, hostile
from tests.attack.raw import connect, head, to_the_end
from tests.live.asking import TIMEOUT, within
from tests.recorder.recording import HEADERS, KEY, RecordingSite, body, recording_site

EVENTS = events("Hello")
WHOLE = CHUNKED + chunk(EVENTS) + b"0\r\n\r\n"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def answer(status: int, content: bytes, *lines: bytes) -> bytes:
    """A response that is no stream, with these header lines too."""
    top = b"HTTP/1.1 %d Odd\r\ncontent-type: application/json" % status
    length = b"content-length: %d" % len(content)
    return b"\r\n".join([top, length, *lines, b"", content])


class Api:
    """An API that talks as a test tells it: what it was asked is in `claude`."""

    def __init__(self) -> None:
        self.talk: Callable[[socket.socket], object] = lambda connection: None
        with_prompt = lambda connection, prompt: self.talk(connection)  # noqa: E731
        self.context = hostile(with_prompt)
        self.claude: Hostile

    def sends(self, *pieces: bytes) -> None:
        """Answer each request with these bytes."""
        self.talk = lambda connection: connection.sendall(b"".join(pieces))

    @property
    def asked(self) -> bytes:
        """The last request."""
        return self.claude.requests[-1]


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    made = Api()
    with made.context as made.claude:
        yield made


@pytest.fixture(scope="module")
def site(api: Api) -> Iterator[RecordingSite]:
    with recording_site(f"{api.claude.url}/base") as running:
        yield running


def test_bytes_pass_as_they_are_received_and_the_head_before_them(
    api: Api, site: RecordingSite
) -> None:
    has_head, has_first = threading.Event(), threading.Event()
    first, second = EVENTS[:20], EVENTS[20:]

    def talk(connection: socket.socket) -> None:
        connection.sendall(CHUNKED)
        assert has_head.wait(TIMEOUT)
        connection.sendall(chunk(first))
        assert has_first.wait(TIMEOUT)
        connection.sendall(chunk(second) + b"0\r\n\r\n")

    api.talk = talk
    with stream(site) as response:
        assert response.status_code == 200
        has_head.set()
        pieces = response.iter_raw()
        assert next(pieces) == first
        # What the page polls has it already.
        within(TIMEOUT, lambda: site.listed()[-1]["size"] == len(first))
        has_first.set()
        assert b"".join(pieces) == second
    told = site.ended()
    assert (told["ended"], told["events"], told["text"]) == ("complete", 4, "Hello")


def stream(site: RecordingSite) -> AbstractContextManager[httpx2.Response]:
    """A response that is read while it is received."""
    url = f"{site.base}/v1/messages"
    return httpx2.stream("POST", url, json=body(), headers=HEADERS, timeout=TIMEOUT)


def test_a_request_is_sent_on_as_it_is_with_its_key(api: Api, site: RecordingSite) -> None:
    api.sends(answer(200, b"{}"))
    url = f"{site.base}/v1/files/a%20b//c?beta=true&x=%2F"
    headers = {**HEADERS, "x-own": "1", "connection": "x-hop", "x-hop": "1", "te": "trailers"}
    httpx2.put(url, content=b'{"messages": [{"content": ""}]}', headers=headers)
    top, _, content = api.asked.partition(b"\r\n\r\n")
    first, *lines = top.lower().split(b"\r\n")
    assert first == b"put /base/v1/files/a%20b//c?beta=true&x=%2f http/1.1"
    assert content == b'{"messages": [{"content": ""}]}'
    names = [line.partition(b":")[0] for line in lines]
    assert len(names) == len(set(names))
    assert f"x-api-key: {KEY}".encode() in lines and b"x-own: 1" in lines
    assert f"host: {api.claude.url.removeprefix('http://')}".encode() in lines
    assert not {b"x-hop", b"te", b"expect", b"x-forwarded-for"} & set(names)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_every_method_passes(api: Api, site: RecordingSite, method: str) -> None:
    lines = [b"content-length: 0"] if method == "HEAD" else [b"transfer-encoding: chunked"]
    end = b"" if method == "HEAD" else b"0\r\n\r\n"
    api.sends(b"\r\n".join([b"HTTP/1.1 200 OK", b"x-own: 1", *lines, b"", end]))
    response = httpx2.request(method, f"{site.base}/v1/models", headers=HEADERS)
    assert (response.status_code, response.headers["x-own"]) == (200, "1")
    assert api.asked.startswith(f"{method} /base/v1/models HTTP/1.1\r\n".encode())
    assert site.ended()["about"]["method"] == method


def test_an_answer_is_passed_on_with_its_headers_and_none_of_ours(
    api: Api, site: RecordingSite
) -> None:
    api.sends(answer(200, b'{"data": []}', b"set-cookie: a=1", b"set-cookie: b=2", b"x: 1"))
    response = httpx2.get(f"{site.base}/v1/models", headers=HEADERS)
    assert response.content == b'{"data": []}'
    names = {name for name, _ in response.headers.multi_items()} - {"date", "connection"}
    assert names == {"content-type", "content-length", "set-cookie", "x"}
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    httpx2.get(f"{site.base}/v1/models", headers=HEADERS)
    assert b"cookie" not in api.asked.lower()


def test_what_is_compressed_passes_so_and_is_read_all_the_same(
    api: Api, site: RecordingSite
) -> None:
    packed = gzip.compress(EVENTS)
    talk = [HEAD, b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"]
    api.sends(*talk, *(chunk(packed[i : i + 40]) for i in range(0, len(packed), 40)), b"0\r\n\r\n")
    with stream(site) as response:
        assert response.headers["content-encoding"] == "gzip"
        assert b"".join(response.iter_raw()) == packed
    told = site.ended()
    assert (told["encoding"], told["text"], told["stop_reason"]) == ("gzip", "Hello", "end_turn")
    assert site.get(f"/recordings/{told['name']}.sse").content == packed
    pieces = site.get(f"/recordings/{told['name']}/pieces.json").json()
    assert "".join(text for _, text in pieces["pieces"]) == EVENTS.decode()


def test_a_redirect_is_not_followed(api: Api, site: RecordingSite) -> None:
    with hostile(lambda connection, prompt: None) as other:
        api.sends(answer(307, b"{}", f"location: {other.url}/v1/messages".encode()))
        response = site.post()
        assert (response.status_code, response.headers["location"]) == (
            307,
            f"{other.url}/v1/messages",
        )
        assert other.connections == 0
    assert site.ended()["status"] == 307


def test_an_interim_response_is_passed_on_before_the_head(api: Api, site: RecordingSite) -> None:
    api.sends(b"HTTP/1.1 103 Early Hints\r\n\r\n", answer(200, b"{}"))
    with connect(site.base) as connection:
        lines = [f"{name}: {value}" for name, value in HEADERS.items()]
        connection.sendall(head(site.base, "GET", "/record/v1/models", "connection: close", *lines))
        received = to_the_end(connection)
    assert received.startswith(b"HTTP/1.1 103 ")
    assert b"\r\n\r\nHTTP/1.1 200 Odd\r\n" in received
    name = site.ended()["name"]
    assert site.get(f"/recordings/{name}.json").json()["response"]["informational"] == [103]


@pytest.mark.parametrize("framing", ["chunked", "length"])
def test_a_cut_stays_a_cut(api: Api, site: RecordingSite, framing: str) -> None:
    begun = EVENTS[:100]
    length = HEAD + b"content-length: %d\r\n\r\n" % len(EVENTS)

    def talk(connection: socket.socket) -> None:
        connection.sendall(CHUNKED + chunk(begun) if framing == "chunked" else length + begun)
        connection.shutdown(socket.SHUT_RDWR)

    api.talk = talk
    with stream(site) as response:
        pieces = response.iter_raw()
        assert next(pieces) == begun
        with pytest.raises(httpx2.RemoteProtocolError):
            next(pieces)
    told = site.ended()
    assert (told["ended"], told["size"]) == ("cut", len(begun))
    described = site.get(f"/recordings/{told['name']}.json").json()["response"]
    assert (described["end"], sum(size for _, size in described["chunks"])) == ("drop", len(begun))


def test_an_api_that_is_silent_is_left_when_the_client_leaves(
    api: Api, site: RecordingSite
) -> None:
    left = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(CHUNKED + chunk(EVENTS[:100]))
        if connection.recv(1) == b"":
            left.set()

    api.talk = talk
    with stream(site) as response:
        assert next(response.iter_raw()) == EVENTS[:100]
    assert left.wait(TIMEOUT)
    told = site.ended()
    assert told["ended"] == "left"
    described = site.get(f"/recordings/{told['name']}.json").json()["response"]
    assert described["end"] == "open"


def test_a_client_that_leaves_before_the_head_is_no_error(api: Api, site: RecordingSite) -> None:
    left, asked = threading.Event(), threading.Event()

    def talk(connection: socket.socket) -> None:
        asked.set()
        if connection.recv(1) == b"":
            left.set()

    api.talk = talk
    with connect(site.base) as connection:
        connection.sendall(head(site.base, "GET", "/record/v1/models"))
        assert asked.wait(TIMEOUT)
    assert left.wait(TIMEOUT)
    assert site.ended()["ended"] == "left"
    assert "Traceback" not in site.server.log()


def test_an_api_that_cannot_be_reached_is_told(site: RecordingSite, api: Api) -> None:
    api.sends(b"no HTTP\r\n\r\n")
    response = site.post()
    error = response.json()["error"]
    assert (response.status_code, error["details"]) == (502, {"error_code": "record_unreachable"})
    assert api.claude.url in error["message"]
    told = site.ended()
    assert (told["ended"], told["status"]) == ("unreachable", 0)
    assert told["note"]
    missing = site.get(f"/recordings/{told['name']}.sse")
    assert missing.status_code == 404 and told["note"] in missing.json()["error"]["message"]


def test_a_certificate_that_nobody_vouches_for_gets_no_key(api: Api) -> None:
    # No TLS at all is the simplest one.
    url = api.claude.url.replace("http:", "https:")
    before = len(api.claude.requests)
    request = request_to(url, Sent("GET", "/v1/models", "", HEADERS, b""))
    with pytest.raises(httpx2.ConnectError, match="TLS handshake failed"):
        open_transport(url).handle_request(request)
    assert len(api.claude.requests) == before


def test_a_path_cannot_leave_the_base_url(api: Api, site: RecordingSite) -> None:
    before = len(api.claude.requests)
    for path in ("/record/../admin", "/record/v1/%2e%2e/admin", "/record/./v1"):
        with connect(site.base) as connection:
            connection.sendall(head(site.base, "GET", path, "connection: close"))
            assert to_the_end(connection).startswith(b"HTTP/1.1 400 ")
    assert len(api.claude.requests) == before


def test_large_bodies_pass(api: Api, site: RecordingSite) -> None:
    large = b'{"data": "%b"}' % (b"x" * 6_000_000)
    api.sends(answer(200, large))
    content = b'{"messages": [{"content": ""}], "x": "%b"}' % (b"y" * 20_000_000)
    response = httpx2.post(
        f"{site.base}/v1/messages", content=content, headers=HEADERS, timeout=TIMEOUT
    )
    assert response.content == large
    assert api.asked.endswith(content)
    told = site.ended()
    assert (told["size"], told["kept"]) == (len(large), 0)
    assert told["note"] == "The answer has more than 4,194,304 bytes, so it is not kept."
    assert site.get(f"/recordings/{told['name']}.sse").status_code == 404


def test_what_is_larger_than_the_api_takes_is_refused(api: Api, site: RecordingSite) -> None:
    before = len(api.claude.requests)
    response = httpx2.post(
        f"{site.base}/v1/messages", content=b" " * (32 * 1024 * 1024 + 1), headers=HEADERS
    )
    assert (response.status_code, response.json()["error"]["type"]) == (413, "request_too_large")
    assert len(api.claude.requests) == before


def test_an_answer_that_repeats_the_key_passes_and_is_not_kept(
    api: Api, site: RecordingSite
) -> None:
    content = b'{"type": "error", "error": {"message": "no such key: %b"}}' % KEY.encode()
    api.sends(answer(401, content, f"request-id: {KEY}".encode()))
    assert site.post().content == content
    told = site.ended()
    assert told["note"] == "The answer repeats the key, so it is not kept."
    assert KEY not in site.get("/recordings.json").text
    assert site.get(f"/recordings/{told['name']}.sse").status_code == 404


@pytest.mark.parametrize("is_used", [True, False])
def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, is_used: bool) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    assert isinstance(open_transport("https://api.anthropic.com"), Transport)
    monkeypatch.setenv("HTTPS_PROXY", "127.0.0.1:3128")
    if not is_used:
        monkeypatch.setenv("NO_PROXY", "api.anthropic.com")
    made = open_transport("https://api.anthropic.com")
    assert isinstance(made, httpx2.HTTPTransport) == is_used
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "ftp://127.0.0.1")
    with pytest.raises(Unreachable, match="proxy"):
        open_transport("https://api.anthropic.com")
