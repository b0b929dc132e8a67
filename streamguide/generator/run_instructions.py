"""How to install and run a generated program: shell commands for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamguide.generator.options import Options

_PIP = "python3 -m venv .venv && .venv/bin/pip install"
_NPM = "npm install"
_VENV = ".venv/bin/python"
_PYTHON, _NEWER_PYTHON = "Python 3.10 or newer", "Python 3.11 or newer"
# undici requires this release.
_NODE = "Node.js 20.18.1 or newer"
_SDK = ("@anthropic-ai/sdk", "undici")


@dataclass(frozen=True, slots=True)
class _Environment:
    """What runs the programs of a language; `runtimes` have their versions in the fault matrix."""

    needs: str
    command: str
    runtimes: tuple[str, ...]
    installer: str = ""
    packages: tuple[str, ...] = ()
    # What is run instead of the program, if another file starts it.
    starts: str = ""


_ENVIRONMENTS: Mapping[str, _Environment] = {
    "python": _Environment(_PYTHON, _VENV, ("Python",), _PIP, ("anthropic",)),
    "python-async": _Environment(_NEWER_PYTHON, _VENV, ("Python",), _PIP, ("anthropic",)),
    "python-plain": _Environment(_PYTHON, "python3", ("Python",)),
    "javascript": _Environment(_NODE, "node", ("Node.js",), _NPM, _SDK),
    "typescript": _Environment(_NODE, "npx tsx", ("Node.js",), _NPM, (*_SDK, "tsx")),
    "javascript-fetch": _Environment("Node.js 20 or newer", "node", ("Node.js",)),
    "curl": _Environment("bash, curl and jq", "bash", ("curl", "jq")),
    "flask": _Environment(_PYTHON, _VENV, ("Python",), _PIP, ("anthropic", "flask")),
    "fastapi": _Environment(
        _NEWER_PYTHON, _VENV, ("Python",), _PIP, ("anthropic", "fastapi", "uvicorn")
    ),
    "express": _Environment(_NODE, "node", ("Node.js",), _NPM, (*_SDK, "express")),
    "web": _Environment(
        "Node.js 20 or newer, Deno, Next.js or another host of web-standard handlers",
        "npx tsx",
        ("Node.js",),
        _NPM,
        ("@anthropic-ai/sdk", "@hono/node-server", "hono", "tsx"),
        "serve.ts",
    ),
}


@dataclass(frozen=True, slots=True)
class RunInstructions:
    """Shell commands. `install` is empty for a program that needs only what `needs` names.

    `simulate` runs the program against the simulator. `measured_with` names the packages and
    runtimes with which its results were measured.
    """

    needs: str
    install: str
    run: str
    simulate: str
    measured_with: str


def run_instructions(
    options: Options, file: str, site_url: str, versions: Mapping[str, str], key: str
) -> RunInstructions:
    """The instructions for a program in this file; packages are pinned to these versions."""
    environment = _ENVIRONMENTS[options.language]
    equals = "@" if environment.installer == _NPM else "=="
    known = [name for name in environment.packages if name in versions]
    pinned = [
        f"{name}{equals}{versions[name]}" if name in known else name
        for name in environment.packages
    ]
    packages = ", ".join(f"{name} {versions[name]}" for name in known)
    runtimes = ", ".join(f"{name} {versions.get(name, '')}" for name in environment.runtimes)
    run = f"{environment.command} {environment.starts or file}"
    # Here the request decides what is played: a call of the tool, an answer that fits the schema.
    is_made = options.tool or options.schema
    base_url = f"{site_url}/simulator{'' if is_made else '/hello'}"
    return RunInstructions(
        environment.needs,
        " ".join([environment.installer, *pinned]).strip(),
        run,
        f"ANTHROPIC_BASE_URL={base_url} ANTHROPIC_API_KEY={key} {run}",
        " on ".join(filter(None, [packages, runtimes])),
    )
