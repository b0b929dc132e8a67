"""The site's transport, against the simulator and beside httpx2's own: both do the same."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import anthropic
import httpx2
import pytest

from streamguide.live.transport import Transport, uses_proxy
from streamguide.reading.events import event_of
from streamguide.reading.frames import FrameParser
from tests.attack.hostile import chunk
from tools.faults.cases import Case, program_cases

CASES = program_cases()
ID = re.compile(r"\b(?:msg|req|toolu|srvtoolu)_[A-Za-z0-9]+|(?<=\"signature\": \")[^\"]+")
SCENARIOS = ("hello", "tool-use", "thinking", "citations", "long-prose")
TIMEOUT = httpx2.Timeout(10, read=2)
EVENT = b"event: ping\ndata: {}\n\n"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Outcome:
    """What a client got: its events without ids, and the names of the errors that ended it."""

    status: int
    events: tuple[str, ...]
    errors: tuple[str, ...]


Both = Callable[[str], tuple[Outcome, Outcome]]


def body() -> dict[str, Any]:
    messages = [{"role": "user", "content": "Hello"}]
    return {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": messages}


def outcome(http: httpx2.Client, base_url: str) -> Outcome:
    """Read a stream with the SDK's client, as the relay does."""
    status, pieces = 0, b""
    errors: tuple[str, ...] = ()
    # A key of its own: some faults pass, and are counted for each key.
    sdk = anthropic.Anthropic(
        api_key=uuid4().hex, base_url=base_url, http_client=http, max_retries=0, timeout=TIMEOUT
    )
    try:
        opening = sdk.messages.with_streaming_response.create(**body(), stream=True)
        with opening as response:
            status = response.status_code
            for piece in response.http_response.iter_raw():
                pieces += piece
    except httpx2.HTTPError as error:
        errors = (type(error).__name__,)
    except anthropic.APIError as error:
        status = getattr(error, "status_code", status)
        # The SDK's error says less than what it was raised from.
        errors = (type(error).__name__, type(error.__cause__).__name__)
    return Outcome(status, events(pieces), errors)


def events(pieces: bytes) -> tuple[str, ...]:
    """The data of the whole events, with what is new in every answer taken out."""
    frames = [frame for frame in FrameParser().feed(pieces) if frame.data is not None]
    return tuple(ID.sub("id", json.dumps(event_of(frame) or frame.text)) for frame in frames)


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    """Gives what comes of a stream with our transport, and with httpx2's own."""
    with (
        httpx2.Client(transport=Transport()) as ours,
        httpx2.Client(transport=httpx2.HTTPTransport()) as theirs,
    ):
        yield lambda base_url: (outcome(ours, base_url), outcome(theirs, base_url))


@pytest.fixture(scope="module")
def outcomes(site: str, both: Both) -> dict[str, tuple[Outcome, Outcome]]:
    """What both transports give on each fault."""
    with ThreadPoolExecutor(16) as pool:
        found = pool.map(lambda case: both(f"{site}/simulator/hello/{case.path}"), CASES)
        return dict(zip((case.fault for case in CASES), found, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_every_fault_ends_as_it_does_with_httpx2s_own(
    outcomes: dict[str, tuple[Outcome, Outcome]], case: Case
) -> None:
    ours, theirs = outcomes[case.fault]
    assert (ours.status, ours.errors) == (theirs.status, theirs.errors)
    # A reset takes with it what had not been read yet.
    assert ours.events == theirs.events or "reset" in case.fault


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_event_of_a_scenario_arrives(site: str, both: Both, scenario: str) -> None:
    ours, theirs = both(f"{site}/simulator/{scenario}/slow;factor=0")
    assert ours == theirs
    assert not ours.errors
    assert json.loads(ours.events[-1])["type"] == "message_stop"


def test_bytes_come_as_they_are_sent_and_a_chunk_need_not_be_whole() -> None:
    came = threading.Event()
    first, second = chunk(EVENT)[:20], chunk(EVENT)[20:] + b"0\r\n\r\n"

    def talk(connection: socket.socket) -> None:
        connection.sendall(HEAD + first)
        assert came.wait(10)
        connection.sendall(second)

    with serving(talk) as (url, _), client() as http, http.stream("POST", url) as response:
        pieces = response.iter_raw()
        begun = next(pieces)
        came.set()
        assert begun == EVENT[:16]
        assert begun + b"".join(pieces) == EVENT


def test_chunks_that_come_together_are_one_piece() -> None:
    came = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(HEAD + chunk(EVENT) * 3)
        assert came.wait(10)
        connection.sendall(b"0\r\n\r\n")

    with serving(talk) as (url, _), client() as http, http.stream("POST", url) as response:
        pieces = response.iter_raw()
        assert next(pieces) == EVENT * 3
        came.set()
        assert b"".join(pieces) == b""


@pytest.mark.parametrize("is_encrypted", [False, True], ids=["plain", "TLS"])
def test_a_chunked_body_of_any_sizes_is_whole(certificate: Path, is_encrypted: bool) -> None:
    # Longer than a record of TLS and than one read, and shorter than a chunk's own size.
    contents = [EVENT, 100_000 * b"x", b"y", 16_384 * b"z", *(1000 * [b"n"])]
    sent = HEAD + b"".join(map(chunk, contents)) + b"0\r\n\r\n"
    trust = httpx2.create_ssl_context()
    trust.load_verify_locations(certificate)
    with (
        serving(lambda one: one.sendall(sent), certificate if is_encrypted else None) as (url, _),
        httpx2.Client(transport=Transport(trust), timeout=TIMEOUT) as http,
    ):
        if is_encrypted:
            url = url.replace("http://127.0.0.1", "https://localhost")
        assert [http.post(url).content for _ in range(3)] == [b"".join(contents)] * 3


def test_what_is_compressed_stays_so() -> None:
    packed = bytes(range(256))
    head = HEAD.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
    whole = head + chunk(packed) + b"0\r\n\r\n"
    with (
        serving(lambda one: one.sendall(whole)) as (url, _),
        client() as http,
        http.stream("POST", url) as response,
    ):
        assert b"".join(response.iter_raw()) == packed


def test_headers_arrive_as_they_were_sent() -> None:
    head = b"HTTP/1.1 200 Fine\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx: \xe9\r\ncontent-length: 0\r\n\r\n"
    with serving(lambda one: one.sendall(head)) as (url, requests), client() as http:
        response = http.post(url, headers=[("a", "1"), ("a", "2")], content=b"body")
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert (response.reason_phrase, response.http_version) == ("Fine", "HTTP/1.1")
    assert response.headers["x"] == "é"
    sent = requests[0]
    assert b"\r\na: 1\r\na: 2\r\n" in sent
    assert sent.count(b"ontent-") == sent.lower().count(b"content-length: 4") == 1


def test_a_body_with_a_length_is_whole_and_its_connection_is_used_again() -> None:
    whole = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(EVENT), EVENT)
    with serving(lambda one: one.sendall(whole)) as (url, requests), client() as http:
        for _ in range(3):
            assert http.post(url).content == EVENT
    assert len(requests) == 3
    assert len({peer_of(one) for one in requests}) == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"
        + HEAD
        + chunk(EVENT)
        + b"0\r\na: b\r\n\r\n",
        HEAD + chunk(EVENT[:7]) + b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (len(EVENT) - 7, EVENT[7:]),
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(EVENT), EVENT),
        HEAD[:-2] + b"upgrade: h2\r\nconnection: upgrade\r\n\r\n" + chunk(EVENT) + b"0\r\n\r\n",
    ],
    ids=["interim and trailer", "chunk extension", "length", "an offer of HTTP/2"],
)
def test_a_response_that_is_sent_byte_by_byte_is_the_same(sent: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        for byte in sent:
            connection.sendall(bytes([byte]))

    interim: list[int] = []
    with serving(talk) as (url, requests), client() as http:
        for _ in range(2):
            answer = http.post(url, extensions={"interim": interim.append})
            assert (answer.status_code, answer.content) == (200, EVENT)
            assert "a" not in answer.headers
    assert interim == [103, 103] * sent.startswith(b"HTTP/1.1 103")
    assert len({peer_of(one) for one in requests}) == 1


def test_without_a_length_the_body_ends_with_its_connection() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + EVENT)
        connection.shutdown(socket.SHUT_WR)

    with serving(talk) as (url, _), client() as http:
        assert http.post(url).content == EVENT


def test_the_response_to_a_head_request_has_no_body() -> None:
    whole = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
    with serving(lambda one: one.sendall(whole)) as (url, requests), client() as http:
        for _ in range(2):
            answer = http.head(url)
            assert (answer.headers["content-length"], answer.content) == ("5", b"")
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\na: \x01\r\n\r\n", b""),
        (b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\ncontent-length: 5\n\n", b""),
        (b"hello", b""),
        (HEAD + chunk(EVENT) + b"no size\r\n", EVENT),
        (HEAD + chunk(EVENT) + b"5;" + 100_000 * b"x", EVENT),
        (HEAD + chunk(EVENT) + b"0\r\n" + 20_000 * b"a: bcde\r\n", EVENT),
    ],
    ids=[
        *("length and chunks", "two lengths", "control character", "another protocol", "LF alone"),
        *("not HTTP", "no size of a chunk", "endless extension", "endless trailer"),
    ],
)
def test_what_can_be_read_in_two_ways_is_an_error_after_what_was_clear(
    sent: bytes, received: bytes
) -> None:
    found = b""
    with serving(lambda one: one.sendall(sent)) as (url, _), client() as http:
        with pytest.raises(httpx2.RemoteProtocolError), http.stream("POST", url) as response:
            for piece in response.iter_raw():
                found += piece
        assert found == received


def test_a_connection_is_used_again_when_its_body_was_read_to_the_end() -> None:
    whole = HEAD + chunk(EVENT) + b"0\r\n\r\n"
    with serving(lambda one: one.sendall(whole)) as (url, requests), client() as http:
        for _ in range(3):
            assert http.post(url).content == EVENT
    assert len({peer_of(one) for one in requests}) == 1


def test_a_connection_is_closed_when_its_body_was_left() -> None:
    left = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(HEAD + chunk(EVENT))
        if connection.recv(1) == b"":
            left.set()

    with serving(talk) as (url, requests), client() as http:
        with http.stream("POST", url) as response:
            assert next(response.iter_raw()) == EVENT
        assert left.wait(10)
        with http.stream("POST", url):
            pass
    assert len({peer_of(one) for one in requests}) == 2


def test_more_streams_than_the_pool_keeps_are_open_at_once() -> None:
    with serving(lambda one: one.sendall(HEAD + chunk(EVENT))) as (url, _), client(1) as http:
        opened = [http.send(http.build_request("POST", url), stream=True) for _ in range(5)]
        assert [next(one.iter_raw()) for one in opened] == [EVENT] * 5
        for one in opened:
            one.close()


@pytest.mark.parametrize("make", [Transport, httpx2.HTTPTransport])
def test_nobody_listens(make: Callable[[], httpx2.BaseTransport]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with httpx2.Client(transport=make()) as http, pytest.raises(httpx2.ConnectError):
        http.post(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("make", [Transport, httpx2.HTTPTransport])
@pytest.mark.parametrize(
    ("scheme", "error"), [("https", httpx2.ConnectTimeout), ("http", httpx2.ReadTimeout)]
)
def test_nobody_answers(
    make: Callable[[], httpx2.BaseTransport], scheme: str, error: type[Exception]
) -> None:
    limits = httpx2.Timeout(0.2, read=0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        httpx2.Client(transport=make(), timeout=limits) as http,
        pytest.raises(error) as raised,
    ):
        http.post(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/")
    assert raised.type is error


@pytest.mark.parametrize("make", [Transport, httpx2.HTTPTransport])
def test_only_http_is_spoken(make: Callable[[], httpx2.BaseTransport]) -> None:
    with httpx2.Client(transport=make()) as http, pytest.raises(httpx2.UnsupportedProtocol):
        http.post("ftp://127.0.0.1/")


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"a": "1\r\nb: 2"}),
        ("POST", {"a\r\nb": "1"}),
        ("POST", {"a": "1\0"}),
        ("POST", {"transfer-encoding": "chunked"}),
        ("PO ST", {}),
    ],
)
def test_a_request_that_could_be_read_as_another_is_not_sent(
    method: str, headers: dict[str, str]
) -> None:
    with (
        serving(lambda one: None) as (url, requests),
        client() as http,
        pytest.raises(httpx2.LocalProtocolError),
    ):
        http.request(method, url, headers=headers)
    assert not requests


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that only those trust who are told to, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout", str(path))
    name = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2")
    command = ("openssl", "req", "-x509", *key, *name, "-out", str(path.with_suffix(".crt")))
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@pytest.mark.parametrize(
    ("is_trusted", "host", "is_accepted"),
    [(True, "localhost", True), (False, "localhost", False), (True, "127.0.0.1", False)],
    ids=["trusted", "self-signed", "another's name"],
)
@pytest.mark.parametrize("make", [Transport, httpx2.HTTPTransport])
def test_certificates_are_verified(
    certificate: Path,
    make: Callable[[ssl.SSLContext], httpx2.BaseTransport],
    is_trusted: bool,
    host: str,
    is_accepted: bool,
) -> None:
    trust = httpx2.create_ssl_context()
    if is_trusted:
        trust.load_verify_locations(certificate)
    whole = HEAD + chunk(EVENT) + b"0\r\n\r\n"
    with (
        serving(lambda one: one.sendall(whole), certificate) as (url, _),
        httpx2.Client(transport=make(trust)) as http,
    ):
        url = url.replace("http://127.0.0.1", f"https://{host}")
        if is_accepted:
            assert http.post(url).content == EVENT
        else:
            with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                http.post(url)


@pytest.mark.parametrize(
    ("variable", "is_used"), [("HTTPS_PROXY", True), ("ALL_PROXY", True), ("HTTP_PROXY", False)]
)
def test_a_proxy_of_the_environment_is_noticed(
    monkeypatch: pytest.MonkeyPatch, variable: str, is_used: bool
) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    assert not uses_proxy("https://api.anthropic.com")
    monkeypatch.setenv(variable, "http://127.0.0.1:3128")
    assert uses_proxy("https://api.anthropic.com") == is_used


def client(keep: int = 100) -> httpx2.Client:
    return httpx2.Client(transport=Transport(keep=keep), timeout=TIMEOUT)


def peer_of(request: bytes) -> bytes:
    """The line that `serving` puts before each request: whose it is."""
    return request.partition(b"\n")[0]


@contextmanager
def serving(
    talk: Callable[[socket.socket], object], certificate: Path | None = None
) -> Iterator[tuple[str, list[bytes]]]:
    """A server that talks to each request as told: its address, and the requests that came."""
    requests: list[bytes] = []

    def accept() -> None:
        with suppress_closed():
            while True:
                connection, peer = listener.accept()
                threading.Thread(target=answer, args=(connection, peer), daemon=True).start()

    def answer(plain: socket.socket, peer: tuple[str, int]) -> None:
        with suppress_closed(), tls(plain) as connection:
            while request := whole_request(connection):
                requests.append(b"%d\n%s" % (peer[1], request))
                talk(connection)

    def tls(plain: socket.socket) -> socket.socket:
        if certificate is None:
            return plain
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        return context.wrap_socket(plain, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", requests
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@contextmanager
def suppress_closed() -> Iterator[None]:
    """A connection that the other side has closed is no error of a test's server."""
    try:
        yield
    except OSError:
        return


def whole_request(connection: socket.socket) -> bytes:
    """A request with its body, b"" when there is none any more."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            return b""
        request += piece
    head, _, content = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    while length and len(content) < int(length[1]):
        content += connection.recv(65536)
    return head + b"\r\n\r\n" + content
