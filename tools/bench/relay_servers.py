"""The upstream that all relays ask, and the relays: the site's own and its peers."""

from __future__ import annotations

import json
import re
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tools import commands, server
from tools.bench.machine import NotHere
from tools.bench.programs import compiled
from tools.bench.stream_servers import (
    HEADERS,
    MODEL,
    WORKERS,
    Server,
    environment,
    gunicorn,
    simulated,
    started,
)
from tools.process import ROOT, run

DIRECT, NGINX, SDK, H11 = "direct", "nginx", "SDK", "SDK over h11"
OURS = "this relay"
LITELLM_PASSED, LITELLM = "LiteLLM, /anthropic", "LiteLLM, /v1/messages"
RELAYS = (NGINX, SDK, H11, OURS, LITELLM_PASSED, LITELLM)

# What stream_server.c makes the time at which an event was due.
_MARK = b"@" + 19 * b"0"
# Where an event that every stream has takes a few characters more.
_MARKED = (b'"type":"text_delta","text":"', b'"id":"msg_')
_PATHS = {
    OURS: "/live/messages",
    LITELLM_PASSED: "/anthropic/v1/messages",
}
_KEY = "sk-ant-bench"
# LiteLLM does not start without a key of its own, which a request must name.
_LITELLM_KEY = f"sk-{secrets.token_hex(32)}"
# None of its limits is to be met here, and all of them are to be kept.
_MOST = "1000000000"
_LIMITS = {
    "LIVE_MODELS": MODEL,
    "LIVE_MAX_TOKENS": "16000",
    "LIVE_VISITOR_PER_MINUTE": _MOST,
    "LIVE_PER_MINUTE": _MOST,
    "LIVE_VISITOR_STREAMS": _MOST,
    "LIVE_STREAMS": _MOST,
    "LIVE_TOKENS_PER_DAY": _MOST,
    "LIVE_DOLLARS_PER_DAY": "1000000",
}
_LITELLM_FOLDER = ROOT / "build" / "litellm"
_LITELLM_PACKAGE = "litellm[proxy]"
_INSTALL_SECONDS = 900.0
_START_SECONDS = 180.0
_PORT = re.compile(r"ready on port (\d+)")


@dataclass(frozen=True, slots=True)
class Relay(Server):
    """A running relay, or the upstream itself."""

    def path(self, pace: float) -> str:
        # The upstream knows the pace by the message.
        return _PATHS.get(self.name, "/v1/messages")

    def headers(self) -> Mapping[str, str]:
        key = _LITELLM_KEY if self.name in (LITELLM_PASSED, LITELLM) else "bench"
        own = {"Authorization": f"Bearer {key}", "Origin": f"http://127.0.0.1:{self.port}"}
        return {**HEADERS, **own}


def answer() -> bytes:
    """What the simulator answers for the scenario: its head, and its events with marks in them."""
    status, headers, events = simulated()
    kept = [f"{name}: {value}" for name, value in headers if name != "Transfer-Encoding"]
    head = [f"HTTP/1.1 {status}", *kept, "transfer-encoding: chunked", "", ""]
    return "\r\n".join(head).encode() + b"".join(map(marked, events))


def marked(event: bytes) -> bytes:
    """The event with a mark; as it is where there is no place for one."""
    for place in _MARKED:
        if place in event:
            return event.replace(place, place + _MARK, 1)
    return event


@contextmanager
def upstream(content: bytes) -> Iterator[Relay]:
    """Run the upstream with an `answer`. Raises NotHere without a C compiler."""
    command = [compiled("stream_server")]
    with server.started(command, environment({}), _PORT, given=content) as found:
        yield Relay(DIRECT, int(found.url), found.pid, source=found.pid)


@contextmanager
def running(name: str, source: Server) -> Iterator[Relay]:
    """Run a relay that asks `source`. Raises NotHere."""
    address = f"http://127.0.0.1:{source.port}"
    runs = {
        NGINX: _nginx,
        SDK: lambda address: _bare("httpx2", address),
        H11: lambda address: _bare("h11", address),
        OURS: _ours,
        LITELLM_PASSED: _litellm,
        LITELLM: _litellm,
    }
    with runs[name](address) as (pid, port, *helpers):
        yield Relay(name, port, pid, tuple(helpers), source.pid)


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
        raise NotHere("the relay needs redis-server (Debian, Ubuntu: apt install redis-server)")
    with server.redis_server(program) as redis:
        settings = {
            **_LIMITS,
            "ANTHROPIC_API_KEY": _KEY,
            "ANTHROPIC_BASE_URL": address,
            "REDIS_URL": redis.url,
        }
        with started(gunicorn("app:create_app()"), settings) as (pid, port):
            yield pid, port, redis.pid


@contextmanager
def _nginx(address: str) -> Iterator[tuple[int, ...]]:
    program = commands.find("nginx")
    if program is None:
        raise NotHere("nginx is missing: make test installs it")
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
        "ANTHROPIC_API_KEY": _KEY,
        "ANTHROPIC_API_BASE": address,
        "LITELLM_MASTER_KEY": _LITELLM_KEY,
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
    asked = {"model": f"anthropic/{MODEL}", "api_base": address, "api_key": _KEY}
    return {"model_list": [{"model_name": MODEL, "litellm_params": asked}]}


def _installed_litellm() -> Path:
    """LiteLLM in an environment of its own, installed first. Raises NotHere."""
    program = _LITELLM_FOLDER / "bin" / "litellm"
    if program.exists():
        return program
    print(f"Installing {_LITELLM_PACKAGE}", file=sys.stderr, flush=True)
    pip = str(_LITELLM_FOLDER / "bin" / "pip")
    for command in (
        (sys.executable, "-m", "venv", str(_LITELLM_FOLDER)),
        (pip, "install", "--quiet", "--disable-pip-version-check", _LITELLM_PACKAGE),
    ):
        ended = run(command, seconds=_INSTALL_SECONDS)
        if not ended.ok:
            why = "time was up" if ended.code is None else ended.output.strip()[-500:]
            raise NotHere(f"{_LITELLM_PACKAGE} cannot be installed from the registry: {why}")
    return program


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
