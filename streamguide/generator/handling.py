"""How a program is installed and run: the lines that stand beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamguide.generator.options import Options

_VENV = "python3 -m venv .venv && .venv/bin/pip install"
_PYTHON = ".venv/bin/python"
# What a language needs from its registry, by the names of `survival.json`, and the command before.
_INSTALL: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "python": (_VENV, ("anthropic",)),
    "python-async": (_VENV, ("anthropic",)),
    "javascript": ("npm install", ("@anthropic-ai/sdk", "undici")),
    "typescript": ("npm install", ("@anthropic-ai/sdk", "undici", "tsx")),
    "flask": (_VENV, ("anthropic", "flask")),
    "fastapi": (_VENV, ("anthropic", "fastapi", "uvicorn")),
    "express": ("npm install", ("@anthropic-ai/sdk", "undici", "express")),
}
_RUN: Mapping[str, str] = {
    "python": _PYTHON,
    "python-async": _PYTHON,
    "python-plain": "python3",
    "javascript": "node",
    "typescript": "npx tsx",
    "javascript-fetch": "node",
    "curl": "bash",
    "flask": _PYTHON,
    "fastapi": _PYTHON,
    "express": "node",
}
_NEEDS: Mapping[str, str] = {
    "python": "Python 3.10 or newer",
    "python-async": "Python 3.11 or newer",
    "python-plain": "Python 3.10 or newer",
    "javascript": "Node.js 20.18.1 or newer",
    "typescript": "Node.js 20.18.1 or newer",
    "javascript-fetch": "Node.js 20 or newer",
    "curl": "bash, curl and jq",
    "flask": "Python 3.10 or newer",
    "fastapi": "Python 3.11 or newer",
    "express": "Node.js 20.18.1 or newer",
}
# What the programs of `survival.json` ran with.
_RAN_WITH: Mapping[str, tuple[str, ...]] = {
    "python": ("anthropic", "Python"),
    "python-async": ("anthropic", "Python"),
    "python-plain": ("Python",),
    "javascript": ("@anthropic-ai/sdk", "undici", "Node.js"),
    "typescript": ("@anthropic-ai/sdk", "undici", "Node.js"),
    "javascript-fetch": ("Node.js",),
    "curl": ("curl", "jq"),
    "flask": ("anthropic", "flask", "Python"),
    "fastapi": ("anthropic", "fastapi", "uvicorn", "Python"),
    "express": ("@anthropic-ai/sdk", "undici", "express", "Node.js"),
}
_RUNTIMES = ("Python", "Node.js")


@dataclass(frozen=True, slots=True)
class Handling:
    """Shell lines. `install` is empty where there is nothing to install, but for `needs`.

    `ran_with` names what the program ran with when it was measured.
    """

    needs: str
    install: str
    run: str
    simulate: str
    ran_with: str


def handling(
    options: Options, file: str, site_url: str, versions: Mapping[str, str], key: str
) -> Handling:
    """The lines for a program in this file, with the versions that it was measured with."""
    language = options.language
    run = f"{_RUN[language]} {file}"
    command, packages = _INSTALL.get(language, ("", ()))
    pinned = [_pinned(name, versions.get(name), command) for name in packages]
    scenario = "" if options.tool else "/hello"
    base = f"{site_url}/simulator{scenario}"
    return Handling(
        _NEEDS[language],
        " ".join([command, *pinned]).strip(),
        run,
        f"ANTHROPIC_BASE_URL={base} ANTHROPIC_API_KEY={key} {run}",
        _together(_RAN_WITH[language], versions),
    )


def _together(names: Sequence[str], versions: Mapping[str, str]) -> str:
    """The names with their versions: packages, and what they ran on."""
    with_version = {name: f"{name} {versions.get(name, '')}" for name in names}
    packages = [text for name, text in with_version.items() if name not in _RUNTIMES]
    runtime = [text for name, text in with_version.items() if name in _RUNTIMES]
    return " on ".join([*filter(None, [", ".join(packages)]), *runtime])


def _pinned(name: str, version: str | None, command: str) -> str:
    if version is None:
        return name
    return f"{name}@{version}" if command.startswith("npm") else f"{name}=={version}"
