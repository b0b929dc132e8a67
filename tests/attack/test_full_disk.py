"""On a full disk each worker counts by itself, and nothing else changes."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import httpx2
import pytest

from tests.attack.conftest import ADDRESS
from tests.live.asking import KEY, within
from tests.live.deployed import GUNICORN, started
from tools.server import Server

pytestmark = pytest.mark.soak

TWO_WORKERS = {
    "ANTHROPIC_API_KEY": KEY,
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "REDIS_URL": "redis://127.0.0.1:1",
    "WEB_CONCURRENCY": "2",
}
# Importing the SDK takes each worker seconds of CPU.
PATIENCE = 90.0
BOOTING = re.compile(r"Booting worker with pid: (\d+)")


def workers(server: Server) -> list[int]:
    """All that were started."""
    return [int(pid) for pid in BOOTING.findall(server.log())]


def get(server: Server, path: str) -> httpx2.Response:
    return httpx2.get(f"{server.url}{path}", timeout=PATIENCE)


def test_workers_for_whose_counts_there_is_no_room_serve_and_are_replaced() -> None:
    # A limit below the size of a metrics file has the effect of a full disk.
    command = ["sh", "-c", f"ulimit -f 100 && exec {GUNICORN}"]
    with started(command, TWO_WORKERS, ADDRESS) as server:
        assert get(server, "/guide/live").status_code == 200
        within(PATIENCE, lambda: len(workers(server)) == 2)
        for pid in workers(server):
            os.kill(pid, signal.SIGKILL)
        within(PATIENCE, lambda: server.log().count("counts by itself") == 4)
        for path in ("/", "/guide/live", "/metrics") * 3:
            assert get(server, path).status_code == 200
        assert len(workers(server)) == 4
        assert "live_open_streams 0.0" in get(server, "/metrics").text
        assert "Traceback" not in server.log() and "SIGBUS" not in server.log()


def test_what_workers_will_count_has_its_room_from_the_start(tmp_path: Path) -> None:
    settings = {**TWO_WORKERS, "RUNTIME_DIRECTORY": str(tmp_path)}
    with started([GUNICORN], settings, ADDRESS) as server:
        assert get(server, "/healthz").status_code == 200

        def files() -> list[os.stat_result]:
            return [path.stat() for path in tmp_path.glob("*/*")]

        def both_have_theirs() -> bool:
            # st_blocks counts blocks of 512 bytes on every file system.
            have_room = all(file.st_blocks * 512 >= file.st_size > 0 for file in files())
            return have_room and len(files()) == 6

        within(PATIENCE, both_have_theirs)
        server.told_to_stop()
        assert server.exit_code() == 0
    assert not list(tmp_path.iterdir())
