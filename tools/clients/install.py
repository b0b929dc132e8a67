"""The newest releases of the clients, in folders of their own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable

from packaging.requirements import Requirement

from streamguide.guide.clients import Client
from tools import nodejs
from tools.faults import curl
from tools.process import ROOT, Missing, install, run

NODE = ROOT / "build" / "clients" / "node"
PYTHON = ROOT / "build" / "clients" / "python" / "bin" / "python"

_LIST = "import json, importlib.metadata as m; print(json.dumps({d.name: d.version for d in m.distributions()}))"


def packages(clients: Iterable[Client], suffix: str) -> list[str]:
    """What the programs with this suffix need, as a registry is asked for it."""
    needed = (one.packages for one in clients if one.program.endswith(suffix))
    return list(dict.fromkeys(package for names in needed for package in names))


def install_newest(clients: Iterable[Client], node: str) -> dict[str, dict[str, str]]:
    """Install everything; the versions by client and package. Raises Missing.

    npm takes the newest releases that run on this Node.js.
    """
    clients = list(clients)
    wanted = packages(clients, ".py")
    venv = (sys.executable, "-m", "venv", str(PYTHON.parent.parent))
    pip = (str(PYTHON), "-m", "pip", "install", "--quiet", "--upgrade", *wanted)
    _install(", ".join(wanted), venv, pip)
    wanted = packages(clients, ".mjs")
    NODE.mkdir(parents=True, exist_ok=True)
    (NODE / "package-lock.json").unlink(missing_ok=True)
    manifest = {"private": True, "dependencies": dict.fromkeys(wanted, "*")}
    (NODE / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    npm = (*nodejs.npm(node), "install", "--prefix", str(NODE), "--no-audit", "--no-fund")
    _install(", ".join(wanted), npm, env=nodejs.environment(node))
    return {client.name: _versions(client) for client in clients}


def _install(what: str, *steps: tuple[str, ...], env: dict[str, str] | None = None) -> None:
    ended = install(what, *steps, env=env or dict(os.environ))
    if not ended.ok:
        raise Missing(f"{what}; the registry said: {ended.reason}")


def _versions(client: Client) -> dict[str, str]:
    if client.program.endswith(".sh"):
        found = curl.versions()
        return {"curl": found["curl"], "jq": found["jq"].removeprefix("jq-")}
    if client.program.endswith(".mjs"):
        files = {name: NODE / "node_modules" / name / "package.json" for name in client.packages}
        return {
            name: json.loads(file.read_text(encoding="utf-8"))["version"]
            for name, file in files.items()
        }
    listed = json.loads(run((str(PYTHON), "-c", _LIST), seconds=60).output)
    names = [Requirement(package).name for package in client.packages]
    return {name: listed[name] for name in names}
