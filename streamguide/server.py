"""Serving the site with gevent's own WSGI server: one process, thousands of open streams."""

from __future__ import annotations

import errno
import gc
import io
import re
import signal
import socket
import sys
from typing import Any, Protocol

import gevent
from gevent.event import Event
from gevent.pywsgi import WSGIHandler, WSGIServer

from streamguide.connection import SOCKET_KEY, raise_open_files
from streamguide.settings import Settings, in_url

# The default of 256 stalls when 200 connections arrive at once.
_BACKLOG = 2048

# What gunicorn takes too. The parser of gevent's server also takes NUL, folded fields, lines that
# end in LF alone, and of two lengths one.
_REQUEST_LINE = re.compile(r"[^\x00-\x20\x7f]+ [^\x00-\x20\x7f]+ HTTP/1\.[01]\r\n")
_FIELD = re.compile(rb"[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*\r\n", re.ASCII)
_LONGEST_FIELD = 8192
# With the empty line after them 100, which is what http.client takes.
_MOST_FIELDS = 99


class Handler(WSGIHandler):
    """Sends at once, and hands the client's socket to the application, under a name of ours."""

    # A client that left, in one of the ways in which the system tells it, is no failure.
    ignored_socket_errors = (
        *WSGIHandler.ignored_socket_errors,
        errno.EBADF,
        errno.ENOTCONN,
        errno.ETIMEDOUT,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
    )

    # How long a request may be waited for, and its head then.
    seconds = Settings().client_seconds

    def handle(self) -> None:
        # Head and body, and each event, are writes of their own. Unless told otherwise, the system
        # holds a small one back until the client has confirmed the one before, which takes 40 ms.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().handle()

    def read_requestline(self) -> str:
        try:
            with gevent.Timeout(self.seconds):
                return str(super().read_requestline())
        except gevent.Timeout:
            # As if the client had closed the connection.
            return ""

    def read_request(self, raw_requestline: str) -> Any:
        # A ValueError is how the server is told that it is the client's doing.
        if not _REQUEST_LINE.fullmatch(raw_requestline):
            raise ValueError("The request line is no line of HTTP/1")
        with gevent.Timeout(self.seconds, ValueError("The head took too long")):
            return super().read_request(raw_requestline)

    def MessageClass(self, fp: io.BufferedIOBase, *rest: Any) -> Any:  # noqa: N802
        """The fields of a head. Raises ValueError for those that a proxy may read otherwise."""
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
    """Live mode, as far as a server that stops has to do with it."""

    def stop(self) -> None:
        """Take no more streams, and return when the open ones have ended."""


def listen(settings: Settings) -> tuple[socket.socket, Settings]:
    """Take the address. One that cannot be had ends the process in one line.

    Returned as well are the settings with the port: for 0 the system chooses one, and pages name it.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # A server that was just stopped leaves connections behind, which do not matter.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        sys.exit(_why_not(error, settings))
    return listener, settings.at_port(listener.getsockname()[1])


def settle() -> None:
    """Leave the garbage collector little to do: while it works, every visitor waits."""
    # What was loaded lives as long as the process. To look through it takes a tenth of a second.
    gc.collect()
    gc.freeze()
    # What a stream leaves behind is freed at once. The default of 700 would have all open streams
    # looked through again and again, for a fiftieth of the process's time and next to no garbage;
    # and what a large body becomes, for two thirds of the time that it takes.
    gc.set_threshold(50_000)


def serve(app: Any, listener: socket.socket, settings: Settings, live: Live | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Streams of live mode get the time that the settings give them; a second signal ends them.
    """
    raise_open_files()
    settle()
    handler = type("Handler", (Handler,), {"seconds": settings.client_seconds})
    # The server's log of wrong requests quotes them, prompts too. What the application has to say
    # goes where it always does.
    server = WSGIServer(
        listener,
        app,
        log=None,
        error_log=None,
        handler_class=handler,
        environ={"wsgi.errors": sys.stderr},
    )
    server.start()
    # Not serve_forever(), which ends all streams a second after the address is closed.
    stopped = Event()

    def stop() -> None:
        if live is not None and not server.closed:
            server.close()
            live.stop()
        server.stop(1)
        stopped.set()

    # Before the address is told: whoever waits for it may stop the server at once.
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop)
    address = f"http://{in_url(settings.host)}:{settings.port}/"
    print(f"Streamguide is at {address}  (Ctrl-C stops it)", flush=True)
    stopped.wait()


def _why_not(error: OSError, settings: Settings) -> str:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        free = settings.port + 1 if settings.port < 65535 else 8001
        return f"{where} is in use. Choose another port, such as: make run PORT={free}"
    return f"Cannot listen on {where}: {error.strerror}. Set HOST and PORT to an address of yours."
