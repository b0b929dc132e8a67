"""A WSGI application that says whether a stream's sender goes past the server here.

gunicorn serves `tests.live.direct:application`; as a program, it is served like the site itself.
"""

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

from collections.abc import Callable, Iterable
from typing import Any

from streamguide.connection import chunked_socket_of
from streamguide.live.sender import Sender
from streamguide.server import listen, serve
from streamguide.settings import from_environment

Write = Callable[[bytes], object]


def application(environ: dict[str, Any], start: Callable[..., Write]) -> Iterable[bytes]:
    """Answers `True` or `False`: the second half past the server, if that is possible."""
    write = start("200 OK", [("content-type", "text/plain")])
    sender = Sender(write, chunked_socket_of(environ))
    answer = str(sender.is_direct).encode()
    yield answer[:2]
    if not (sender.is_direct and sender.send_now(answer[2:])):
        yield answer[2:]


if __name__ == "__main__":
    listener, settings = listen(from_environment({"PORT": "0"}))
    serve(application, listener, settings)
