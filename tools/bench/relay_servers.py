"""The upstream that all relays ask, and the relays: the site's own and its peers."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tools import commands, server
from tools.bench.stream_servers import (
    KEY,
    MODEL,
    WORKERS,
    Server,
    environment,
    gunicorn,
    installed,
    simulated,
    started,
)
from tools.bench.upstream import MARK
from tools.process import ROOT, Missing

DIRECT, NGINX, SDK, HTTPTOOLS = "direct", "nginx", "SDK", "SDK over httptools"
OURS = "this relay"
LITELLM_PASSED, LITELLM = "LiteLLM, /anthropic", "LiteLLM, /v1/messages"
RELAYS = (NGINX, SDK, HTTPTOOLS, OURS, LITELLM_PASSED, LITELLM)

# The texts of events after which a mark fits.
_MARKED = (b'"type":"text_delta","text":"', b'"id":"msg_')
_LITELLM_FOLDER = ROOT / "build" / "litellm"
_LITELLM_PACKAGE = "litellm[proxy]"
_START_SECONDS = 180.0
_PORT = re.compile(r"ready on port (\d+)")


def answer() -> bytes:
    """The simulator's answer for the scenario: its head, and its events with marks in them."""
    status, headers, events = simulated()
    kept = [f"{name}: {value}" for name, value in headers if name != "Transfer-Encoding"]
    head = [f"HTTP/1.1 {status}", *kept, "transfer-encoding: chunked", "", ""]
    return "\r\n".join(head).encode() + b"".join(map(marked, events))


def marked(event: bytes) -> bytes:
    """The event with a mark, or unchanged if it has no place for one."""
    for place in _MARKED:
        if place in event:
            return event.replace(place, place + MARK, 1)
    return event


@contextmanager
def upstream(content: bytes) -> Iterator[Server]:
    """Run the upstream with an `answer`."""
    command = [sys.executable, "-m", "tools.bench.upstream"]
    with server.started(command, environment({}), _PORT, given=content) as found:
        yield Server(DIRECT, int(found.url), found.pid, source=found.pid)


@contextmanager
def running(name: str, source: Server) -> Iterator[Server]:
    """Run a relay that asks `source`. Raises Missing."""
    address = f"http://127.0.0.1:{source.port}"
    runs = {
        NGINX: _nginx,
        SDK: lambda address: _bare("httpx2", address),
        HTTPTOOLS: lambda address: _bare("httptools", address),
        OURS: _ours,
        LITELLM_PASSED: _litellm,
        LITELLM: _litellm,
    }
    with runs[name](address) as (pid, port, *helpers):
        yield Server(name, port, pid, tuple(helpers), source.pid)


@contextmanager
def _bare(way: str, address: str) -> Iterator[tuple[int, ...]]:
    command = gunicorn(f'tools.bench.bare_relays:relay("{way}")')
    with started(command, {"UPSTREAM": address}) as found:
        yield found


@contextmanager
def _ours(address: str) -> Iterator[tuple[int, ...]]:
    """The site as it runs for others, with all that it does; Redis counts as a part of it."""
    program = commands.find("redis-server")
    if program is None:
        raise Missing("the relay needs redis-server (Debian, Ubuntu: apt install redis-server)")
    with server.redis_server(program) as redis:
        settings = {
            # None of its limits is reached here, and all of them are counted.
            **server.live(address),
            "LIVE_MODELS": MODEL,
            "LIVE_MAX_TOKENS": "16000",
            "REDIS_URL": redis.url,
        }
        with started(gunicorn("app:create_app()"), settings) as (pid, port):
            yield pid, port, redis.pid


@contextmanager
def _nginx(address: str) -> Iterator[tuple[int, ...]]:
    program = commands.find("nginx")
    if program is None:
        raise Missing("nginx is missing: make test installs it")
    port = server.free_port()
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        file = Path(folder) / "nginx.conf"
        file.write_text(_nginx_configuration(folder, port, address), encoding="utf-8")
        command = [program, "-p", folder, "-c", str(file), "-e", "stderr"]
        with server.started(command, environment({}), lambda: server.listens(port)) as found:
            yield found.pid, port


def _nginx_configuration(folder: str, port: int, address: str) -> str:
    """All that it takes to pass streams on at once, and nothing else."""
    kept = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
daemon off;
worker_processes {WORKERS};
pid {folder}/pid;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    {kept}
    keepalive_requests 1000000;
    upstream source {{ server {address.removeprefix("http://")}; keepalive 100; }}
    server {{
        listen 127.0.0.1:{port} backlog=2048;
        location / {{
            proxy_pass http://source;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""


@contextmanager
def _litellm(address: str) -> Iterator[tuple[int, ...]]:
    """LiteLLM's proxy with as many workers, without limits or a database of its own."""
    program = _installed_litellm()
    port = server.free_port()
    file = _LITELLM_FOLDER / "config.yaml"
    file.write_text(json.dumps(_litellm_configuration(address)), encoding="utf-8")
    command = [str(program), "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--num_workers", str(WORKERS), "--telemetry", "False"]
    # On a busy machine its workers take longer to start than they are given.
    command += ["--timeout_worker_healthcheck", f"{_START_SECONDS:.0f}"]
    settings = {
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_API_BASE": address,
        "LITELLM_MASTER_KEY": KEY,
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        # It would fetch its table of prices at the start.
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    with server.started(
        command, environment(settings), lambda: _is_healthy(port), seconds=_START_SECONDS
    ) as found:
        yield found.pid, port


def _litellm_configuration(address: str) -> dict[str, object]:
    asked = {"model": f"anthropic/{MODEL}", "api_base": address, "api_key": KEY}
    return {"model_list": [{"model_name": MODEL, "litellm_params": asked}]}


def _installed_litellm() -> Path:
    """LiteLLM in an environment of its own. Raises Missing."""
    pip = (str(_LITELLM_FOLDER / "bin" / "pip"), "install", "--quiet")
    return installed(
        _LITELLM_FOLDER / "bin" / "litellm",
        _LITELLM_PACKAGE,
        (sys.executable, "-m", "venv", str(_LITELLM_FOLDER)),
        (*pip, "--disable-pip-version-check", _LITELLM_PACKAGE),
    )


def litellm_version() -> str:
    """The release that was installed: the newest that the registry has all the parts of."""
    [found] = _LITELLM_FOLDER.glob("lib/python*/site-packages/litellm-*.dist-info")
    return found.name.removeprefix("litellm-").removesuffix(".dist-info")


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/health/liveliness")
        return connection.getresponse().status == 200
    except (HTTPException, OSError):
        return False
    finally:
        connection.close()
