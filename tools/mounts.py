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
from dataclasses import dataclass
from functools import partial
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


@dataclass(frozen=True, slots=True)
class Host:
    """What a mount needs beside the comment's lines: the lines around them, how it is checked and
    built, and how it is run at a port; commands are those of `node_modules/.bin`."""

    package: str
    before: str
    after: str
    check: tuple[str, ...]
    serve: Callable[[int], tuple[str, ...]]
    others: Mapping[str, str]


_TSC = (
    "tsc",
    *["--noEmit", "--strict", "--skipLibCheck", "--target", "es2023", "--module", "nodenext"],
)
_TYPED = (*_TSC, "--allowImportingTsExtensions", "--types", "node")
_HONO = 'import { Hono } from "hono";\nimport { serve } from "@hono/node-server";\n'
HOSTS = {
    "Node.js": Host(
        "@hono/node-server", "", "", (*_TYPED, "serve.ts"), lambda port: ("tsx", "serve.ts"), {}
    ),
    "Next.js": Host(
        "next",
        "",
        "",
        ("next", "build"),
        lambda port: ("next", "start", "-H", "127.0.0.1", "-p", str(port)),
        {
            "next.config.mjs": f"export default {{ turbopack: {{ root: {json.dumps(str(FOLDER))} }} }};"
        },
    ),
    "Hono": Host(
        "hono",
        f"{_HONO}const app = new Hono();\n",
        'serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 5000 });\n',
        (*_TYPED, "main.ts"),
        lambda port: ("tsx", "main.ts"),
        {},
    ),
    "Deno": Host(
        "deno",
        "",
        "",
        ("deno", "check", "main.ts"),
        lambda port: ("deno", "run", "--allow-net", "--allow-env", "--allow-read", "main.ts"),
        {},
    ),
}


def main() -> None:
    """Install, mount each, and print what it did; the exit status is 1 if one did something else."""
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
    """Mount the program and ask it; what went otherwise than it should, or nothing."""
    folder, port = FOLDER / name.lower().replace(".", ""), free_port()
    shutil.rmtree(folder, ignore_errors=True)
    file = folder / (mount["file"] or "main.ts")
    file.parent.mkdir(parents=True)
    lines = re.sub(r"^//   ", "", mount["code"], flags=re.M)
    text = f"{host.before}{lines}{host.after}".replace("port: 5000", f"port: {port}")
    # Imports come first.
    imports = "".join(line for line in text.splitlines(True) if line.startswith("import "))
    rest = "".join(line for line in text.splitlines(True) if not line.startswith("import "))
    file.write_text(imports + rest, encoding="utf-8")
    file.with_name("handler.ts").write_text(program, encoding="utf-8")
    for other, content in host.others.items():
        (folder / other).write_text(content, encoding="utf-8")
    key = f"sk-{secrets.token_hex(8)}"
    env = {**environment(env), "NEXT_TELEMETRY_DISABLED": "1", "ANTHROPIC_API_KEY": key}
    ended = run(_command(host.check), seconds=_SECONDS, env=env, folder=folder)
    if not ended.ok:
        return f"it is not typed, or cannot be built:\n{ended.output}"
    address = f"http://127.0.0.1:{port}"
    journal = f"{site}/simulator/journal.json"
    for fault, met in MET.items():
        env["ANTHROPIC_BASE_URL"] = f"{site}/simulator/hello/{fault}"
        with (
            started(
                _command(host.serve(port)),
                env,
                lambda: listens(port),
                folder=folder,
                stop=signal.SIGKILL,
            ) as server,
            httpx2.Client(base_url=address, timeout=_SOON) as client,
        ):
            try:
                met(client, partial(_last, journal, key))
            except (AssertionError, httpx2.HTTPError) as error:
                return f"{met.__name__}: {error!r}\n{server.log()}"
    return ""


def _command(words: tuple[str, ...]) -> tuple[str, ...]:
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
MET = {"slow;factor=0": _whole, _SILENCE: _silence, "status;code=400": _refused}


if __name__ == "__main__":
    main()
