"""Serves the site with gevent's WSGI server: one process, thousands of open streams."""

from __future__ import annotations

import errno
import gc
import io
import re
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, Protocol

import gevent
from gevent.event import Event
from gevent.pywsgi import WSGIHandler, WSGIServer

from streamguide.connection import SOCKET_KEY, raise_open_files
from streamguide.settings import Settings, in_url

# With gevent's default of 256, a burst of 200 connections stalls.
_BACKLOG = 2048

# The syntax that gunicorn accepts. The parser of gevent's server also accepts NUL, folded fields,
# lines that end with LF alone, and one of two lengths.
_REQUEST_LINE = re.compile(r"[^\x00-\x20\x7f]+ [^\x00-\x20\x7f]+ HTTP/1\.[01]\r\n")
_FIELD = re.compile(rb"[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*\r\n", re.ASCII)
_LONGEST_FIELD = 8192
# 100 with the empty line, which is the limit of http.client.
_MOST_FIELDS = 99


class Handler(WSGIHandler):
    """Sends without delay, limits the time of a request's head, and passes on the client's socket."""

    # The ways in which the operating system reports a disconnected client, which is no error.
    ignored_socket_errors = (
        *WSGIHandler.ignored_socket_errors,
        errno.EBADF,
        errno.ENOTCONN,
        errno.ETIMEDOUT,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
    )

    # The time limits of waiting for a request, and of its head.
    seconds = Settings().client_seconds

    def handle(self) -> None:
        # The head and each event are written separately. By default (Nagle's algorithm) a small
        # write is buffered until the client has acknowledged the one before, which takes 40 ms.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().handle()

    def read_requestline(self) -> str:
        try:
            with gevent.Timeout(self.seconds):
                return str(super().read_requestline())
        except gevent.Timeout:
            # Handled like a connection that the client closed.
            return ""

    def read_request(self, raw_requestline: str) -> Any:
        # The server responds with 400, and logs no traceback of a ValueError.
        if not _REQUEST_LINE.fullmatch(raw_requestline):
            raise ValueError("The request line is no line of HTTP/1")
        with gevent.Timeout(self.seconds, ValueError("The head took too long")):
            return super().read_request(raw_requestline)

    def MessageClass(self, fp: io.BufferedIOBase, *rest: Any) -> Any:  # noqa: N802
        """The fields of a head. Raises ValueError for those that a proxy may parse differently."""
        lines: list[bytes] = []
        while (line := fp.readline(_LONGEST_FIELD)) != b"\r\n":
            if len(lines) == _MOST_FIELDS or not _FIELD.fullmatch(line):
                raise ValueError("A field of the head is wrong, or one too many")
            lines.append(line)
        fields = super().MessageClass(io.BytesIO(b"".join(lines) + b"\r\n"), *rest)
        lengths = fields.get_all("content-length", [])
        codings = fields.get_all("transfer-encoding", [])
        if len(lengths + codings) > 1 or len(fields.get_all("host", [])) > 1:
            raise ValueError("The head says twice what can be said once")
        if not all(re.fullmatch("[0-9]{1,18}", length) for length in lengths):
            raise ValueError("The length is no number")
        if not all(coding.lower() == "chunked" for coding in codings):
            raise ValueError("The body is neither chunked nor has a length")
        return fields

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ[SOCKET_KEY] = self.socket
        return environ


class Live(Protocol):
    """The part of live mode that a server needs when it stops."""

    def stop(self) -> None:
        """Refuse new streams, and return when the open ones have ended."""


def listen(
    settings: Settings, command: str = "make run PORT={port}"
) -> tuple[socket.socket, Settings]:
    """Bind the address, or exit with one line that says why not, and names a command with another
    port.

    Also returns the settings with the bound port, since port 0 lets the system choose one.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # Connections of a server that was just stopped do not block the address.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        sys.exit(_why_not(error, settings, command))
    return listener, settings.at_port(listener.getsockname()[1])


def settle() -> None:
    """Make garbage collections rare and short, because all visitors wait meanwhile."""
    # Objects of the import live as long as the process, and scanning them takes 100 ms.
    gc.collect()
    gc.freeze()
    # Reference counting frees the objects of a stream. With the default of 700, collections scan all
    # open streams all the time: 2 % of the process's time for almost no garbage. Of the time that a
    # large body takes, they are two thirds.
    gc.set_threshold(50_000)


def _announce(address: str) -> None:
    print(f"Streamguide is at {address}  (Ctrl-C stops it)", flush=True)


def serve(
    app: Any,
    listener: socket.socket,
    settings: Settings,
    live: Live | None = None,
    announce: Callable[[str], object] = _announce,
    until: Callable[[], object] | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, or until `until` returns, which may block a thread.

    `announce` gets the address when the server listens, with a slash at its end.
    Streams of live mode may then finish within the time of the settings; a second signal ends them.
    """
    raise_open_files()
    settle()
    handler = type("Handler", (Handler,), {"seconds": settings.client_seconds})
    # The server's log would quote invalid requests with their prompts. The application logs to
    # standard error.
    server = WSGIServer(
        listener,
        app,
        log=None,
        error_log=None,
        handler_class=handler,
        environ={"wsgi.errors": sys.stderr},
    )
    server.start()
    # serve_forever() would end all streams a second after the address is closed.
    stopped = Event()

    def stop() -> None:
        if live is not None and not server.closed:
            server.close()
            live.stop()
        server.stop(1)
        stopped.set()

    # Before the address is printed, because a script may stop the server when it reads it.
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop)
    if until is not None:
        waiting = gevent.get_hub().threadpool.spawn(until)
        waiting.rawlink(lambda _: gevent.spawn(stop))
    announce(f"http://{in_url(settings.host)}:{settings.port}/")
    stopped.wait()


def _why_not(error: OSError, settings: Settings, command: str) -> str:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        free = settings.port + 1 if settings.port < 65535 else 8001
        return f"{where} is in use. Choose another port, such as: {command.format(port=free)}"
    return f"Cannot listen on {where}: {error.strerror}. Set HOST and PORT to an address of yours."
