"""Clients that connect and vanish, in one process with the site: what do they leave?

Run as `python -m tests.simulator.vanishing <number>`; prints one line of JSON.
"""

if __name__ == "__main__":
    # Before anything imports sockets.
    from gevent import monkey

    monkey.patch_all()

import gc
import json
import resource
import sys
from typing import Any

import gevent
import greenlet
from gevent.pywsgi import WSGIServer

from app import create_app
from streamguide.server import Handler
from streamguide.settings import Settings
from tests.simulator.connections import ask, connect, journal

_FAULTS = ("stall;at=3;seconds=600", "slow-headers;seconds=600", "pace;seconds=0.2", "drip")
_WAIT_SECONDS = 30.0


def greenlets() -> int:
    """How many greenlets are alive that have not ended."""
    gc.collect()
    return sum(1 for one in gc.get_objects() if isinstance(one, greenlet.greenlet) and not one.dead)


def megabytes() -> float:
    """The largest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def vanish(site: str, number: int, *, count: int) -> None:
    """Connect so many clients that each ask for a stream, and close them all, some before a byte."""
    clients = [connect(site) for _ in range(count)]
    for place, client in enumerate(clients):
        ask(client, f"long-prose/slow;factor=0+{_FAULTS[place % len(_FAULTS)]}", f"key {number}")
    for place, client in enumerate(clients):
        if place % 3:
            client.recv(1, 0) if "slow-headers" not in _FAULTS[place % len(_FAULTS)] else None
        client.close()


def until_quiet(server: WSGIServer, at_rest: int) -> float:
    """Wait until no more greenlets are there than before. Seconds, or the limit."""
    left = _WAIT_SECONDS
    while left > 0 and greenlets() > at_rest:
        gevent.sleep(0.1)
        left -= 0.1
    return _WAIT_SECONDS - left


def main() -> None:
    """Let the clients vanish in rounds of 100, and print what is left."""
    server = WSGIServer(("127.0.0.1", 0), create_app(Settings()), log=None, handler_class=Handler)
    server.start()
    site = f"http://127.0.0.1:{server.server_port}"
    # The first round makes what stays for ever, such as caches.
    vanish(site, -1, count=100)
    gevent.sleep(0)
    until_quiet(server, 2)
    at_rest, before = greenlets(), megabytes()
    for number in range(int(sys.argv[1]) // 100):
        vanish(site, number, count=100)
    seconds = until_quiet(server, at_rest)
    left = greenlets() - at_rest
    entries: list[dict[str, Any]] = journal(site, "key 0")
    print(
        json.dumps(
            {
                "greenlets": left,
                "seconds": round(seconds, 1),
                "megabytes": round(megabytes() - before, 1),
                "entries": len(entries),
                "ended": sorted({str(entry["ended"]) for entry in entries}),
            }
        )
    )


if __name__ == "__main__":
    main()
