"""`make mounts`: the generator's web-standard handler in Next.js, Hono, Deno and on Node.js.

Each is mounted with the lines that the program's first comment has for it, in the newest release
that the registry gives, installed in `build/mounts`. It must be typed, give its page, refuse a
foreign one, pass a stream on byte for byte while it comes, turn a refusal into an HTTP error, and
end the request to Claude when its visitor leaves.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from streamguide.content import load_content
from streamguide.generator.options import read
from streamguide.generator.render import render
from tools import nodejs
from tools.process import ROOT, Missing, install, run
from tools.server import environment, free_port, listens, running, started

FOLDER = ROOT / "build" / "mounts"
_PACKAGES = (
    *("@anthropic-ai/sdk", "@hono/node-server", "hono", "tsx", "next", "react", "react-dom"),
    *("deno", "typescript@5", "@types/node", "@types/react"),
)
_SECONDS = 300.0
# The simulator's fault: a silence after the first word, for as long as a visitor may wait.
_SILENCE = "slow;factor=0+stall;at=5;seconds=60"
_SOON = 15.0
_QUESTION = {"question": "Why?"}
_INVALID = "invalid_request_error"
GOLDEN = ROOT / "tests" / "golden" / "scenarios" / "hello.sse"
# What is new in each request.
_IDS = re.compile(r"\b(?:msg|req)_\w+")
# A heading of the comment, and the lines of code below it.
_MOUNT = re.compile(r"^// (?P<name>[\w.]+)(?:, as (?P<file>\S+))?:\n(?P<code>(?://   .+\n)+)", re.M)


Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Host:
    """What runs a mount: an npm package, the commands of `node_modules/.bin` that check it and
    serve it at a port, and what stands around the comment's lines and beside their file."""

    package: str
    check: Command
    serve: Callable[[int], Command]
    before: str = ""
    after: str = ""
    others: Mapping[str, str] = field(default_factory=dict)


def _node(package: str, file: str, before: str = "", after: str = "") -> Host:
    flags = "--noEmit --strict --skipLibCheck --target es2023 --module nodenext --types node"
    check = ("tsc", *flags.split(), "--allowImportingTsExtensions", file)
    return Host(package, check, lambda port: ("tsx", file), before, after)


_NEXT_CONFIG = f"export default {{ turbopack: {{ root: {json.dumps(str(FOLDER))} }} }};\n"
_HONO = """\
import { Hono } from "hono";
import { serve } from "@hono/node-server";
const app = new Hono();
"""
HOSTS = {
    "Node.js": _node("@hono/node-server", "serve.ts"),
    "Next.js": Host(
        "next",
        ("next", "build"),
        lambda port: ("next", "start", "-H", "127.0.0.1", "-p", str(port)),
        others={"next.config.mjs": _NEXT_CONFIG},
    ),
    "Hono": _node(
        "hono",
        "main.ts",
        before=_HONO,
        after='serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 5000 });\n',
    ),
    "Deno": Host(
        "deno",
        ("deno", "check", "main.ts"),
        lambda port: ("deno", "run", "--allow-net", "--allow-env", "--allow-read", "main.ts"),
    ),
}


def main() -> None:
    """Install, mount each, and print what it did; the exit status is 1 if anything went wrong."""
    node = nodejs.ensure()
    env = nodejs.environment(node)
    _install(node, env)
    library = load_content()
    options = read({"language": ["web"], "request_id": ["1"]}, library.models)
    program = render(options, library.models, library.table).text
    mounts = {found["name"]: found for found in _MOUNT.finditer(program)}
    assert mounts.keys() == HOSTS.keys(), f"the program names {', '.join(mounts)}"
    failed = False
    with running() as site:
        for name, host in HOSTS.items():
            wrong = _tried(name, host, mounts[name], program, site.url, env)
            print(f"{name} ({host.package} {_version(host.package)}): {wrong or 'right'}")
            failed |= bool(wrong)
    sys.exit(1 if failed else 0)


def _install(node: str, env: dict[str, str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text('{"private": true, "type": "module"}\n')
    npm = (*nodejs.npm(node), "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund")
    ended = install("frameworks", (*npm, *_PACKAGES), env=env)
    if not ended.ok:
        raise Missing(f"frameworks; the registry said: {ended.reason}")


def _version(package: str) -> str:
    manifest = FOLDER / "node_modules" / package / "package.json"
    return str(json.loads(manifest.read_text(encoding="utf-8"))["version"])


def _tried(
    name: str, host: Host, mount: re.Match[str], program: str, site: str, env: dict[str, str]
) -> str:
    """Mount the program and ask it; what went wrong, or nothing."""
    port, key = free_port(), f"sk-{secrets.token_hex(8)}"
    folder = _written(FOLDER / name.lower().replace(".", ""), host, mount, program, port)
    env = {**environment(env), "NEXT_TELECHECKSRY_DISABLED": "1", "ANTHROPIC_API_KEY": key}
    ended = run(_command(host.check), seconds=_SECONDS, env=env, folder=folder)
    if not ended.ok:
        return f"it is not typed, or cannot be built:\n{ended.output}"
    last = partial(_last, f"{site}/simulator/journal.json", key)
    serving = partial(
        started, _command(host.serve(port)), ready=lambda: listens(port), folder=folder
    )
    for fault, check in CHECKS.items():
        upstream = {"ANTHROPIC_BASE_URL": f"{site}/simulator/hello/{fault}"}
        with (
            serving(environment=env | upstream, stop=signal.SIGKILL) as server,
            httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=_SOON) as client,
        ):
            try:
                check(client, last)
            except (AssertionError, httpx2.HTTPError) as error:
                return f"{check.__name__}: {error!r}\n{server.log()}"
    return ""


def _written(folder: Path, host: Host, mount: re.Match[str], program: str, port: int) -> Path:
    """The folder, with nothing in it but the program and its mount."""
    shutil.rmtree(folder, ignore_errors=True)
    file = folder / (mount["file"] or "main.ts")
    file.parent.mkdir(parents=True)
    code = re.sub(r"^//   ", "", mount["code"], flags=re.M)
    text = f"{host.before}{code}{host.after}".replace("port: 5000", f"port: {port}")
    # Imports come first.
    lines = sorted(text.splitlines(True), key=lambda line: not line.startswith("import "))
    file.write_text("".join(lines), encoding="utf-8")
    file.with_name("handler.ts").write_text(program, encoding="utf-8")
    for other, content in host.others.items():
        (folder / other).write_text(content, encoding="utf-8")
    return folder


def _command(words: Command) -> Command:
    return (str(FOLDER / "node_modules" / ".bin" / words[0]), *words[1:])


# The journal's entry of the last request; None before the first.
Last = Callable[[], dict[str, Any] | None]


def _last(journal: str, key: str) -> dict[str, Any] | None:
    requests = httpx2.get(journal, headers={"x-api-key": key}).json()["requests"]
    return requests[-1] if requests else None


def _whole(client: httpx2.Client, last: Last) -> None:
    assert "<title>Ask Claude</title>" in client.get("/").text, "no page"
    for origin in ("https://evil.example", "null"):
        refused = client.post("/answer", json=_QUESTION, headers={"origin": origin})
        assert refused.status_code == 403, (origin, refused.status_code)
    assert last() is None, "it asked for a foreign page"
    own = {"origin": str(client.base_url).rstrip("/")}
    response = client.post("/answer", json=_QUESTION, headers=own)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    asked = last()
    assert asked and response.headers["request-id"] == asked["request_id"], asked
    got, sent = (_IDS.sub("", text) for text in (response.text, GOLDEN.read_text("utf-8")))
    assert got == sent, f"another stream: {response.text}"


def _silence(client: httpx2.Client, last: Last) -> None:
    with client.stream("POST", "/answer", json=_QUESTION) as response:
        text = ""
        for piece in response.iter_text():
            text += piece
            if "text_delta" in text:
                break
    deadline = time.monotonic() + _SOON
    while (asked := last()) is None or asked["ended"] is None:
        assert time.monotonic() < deadline, "the request to Claude outlives its visitor"
        # The journal of another process can only be asked again.
        time.sleep(0.05)
    assert asked["ended"] == "left", asked


def _refused(client: httpx2.Client, last: Last) -> None:
    response = client.post("/answer", json=_QUESTION)
    assert (response.status_code, response.json()["error"]["type"]) == (400, _INVALID)


# By fault of the simulator: what is asked, and must come.
CHECKS = {"slow;factor=0": _whole, _SILENCE: _silence, "status;code=400": _refused}


if __name__ == "__main__":
    main()
