"""The newest releases on PyPI and npm. They are laid aside: nothing that is installed changes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from streamguide import models
from streamguide.files import CONTENT
from streamguide.guide.clients import load as load_clients
from streamguide.protocol import load as protocol
from tools import nodejs
from tools.fresh import javascript_sdk
from tools.fresh.compare import model_differences, protocol_differences
from tools.process import ROOT, Missing, run

# The README promises it, so releases that need a later one do not count.
OLDEST_PYTHON = "3.11"
# ARCHITECTURE.md says why these stay at a major version.
HELD = {"@types/node": "20", "undici": "7"}

_SECONDS = 300


class NotAsked(Exception):
    """A registry could not be asked. The message says which one, and why."""


@dataclass(frozen=True, slots=True)
class Release:
    """The newest release of an SDK: the changes that the tables need, and its error codes."""

    version: str
    differences: tuple[str, ...]
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pin:
    """A package at an exact version, and the file that says so. `asked` is how a registry is asked
    for the newest release that we could take."""

    file: str
    name: str
    version: str
    asked: str


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry, its SDK, the compared parts of the tables, and the functions that ask it.

    `clients` are the clients' packages that `make clients` has measured, as pins.
    """

    name: str
    sdk: str
    compared: str
    release: Callable[[Path], Release]
    pins: Callable[[], list[Pin]]
    newest: Callable[[Path, Iterable[Pin]], Mapping[str, str]]
    clients: Callable[[], list[Pin]]


# ------------------------------------------------------------------------------------- PyPI


def python_release(aside: Path) -> Release:
    """The newest anthropic, compared by an interpreter that finds it first."""
    _pip("--target", str(aside), "anthropic")
    answer = aside / "answer.json"
    ended = run(
        (sys.executable, "-m", "tools.fresh.python_sdk", str(answer)),
        seconds=_SECONDS,
        env={**os.environ, "PYTHONPATH": str(aside)},
    )
    if not ended.ok:
        (info,) = aside.glob("anthropic-*.dist-info")
        why = ended.output.strip().splitlines()[-1:]
        line = f"tools/fresh/python_sdk.py cannot read it any more: {''.join(why)}"
        return Release(info.stem.removeprefix("anthropic-"), (line,))
    found = json.loads(answer.read_text(encoding="utf-8"))
    return Release(found["version"], tuple(found["differences"]), frozenset(found["codes"]))


def python_pins() -> list[Pin]:
    """The pins of the requirements files."""
    pins = []
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-")):
                requirement = Requirement(line)
                (pinned,) = requirement.specifier
                # Some are for certain machines only, and are asked for on those.
                requirement.specifier = SpecifierSet()
                pins.append(Pin(file, requirement.name, pinned.version, str(requirement)))
    return pins


def client_pins(suffix: str) -> list[Pin]:
    """The measured packages of the clients whose programs have this suffix."""
    clients = load_clients(CONTENT)
    return [
        Pin("content/clients.json", name, version, asked)
        for client in clients.clients
        if client.program.endswith(suffix)
        for asked, (name, version) in zip(
            client.packages, clients.measured[client.name].versions.items(), strict=True
        )
    ]


def python_newest(aside: Path, pins: Iterable[Pin]) -> dict[str, str]:
    """The newest releases that go together, by package: those that pip would install."""
    report = aside / "report.json"
    # pip wants a target with another Python's version; a dry run leaves it empty.
    for_oldest = ("--python-version", OLDEST_PYTHON, "--only-binary", ":all:", "--target")
    dry = ("--dry-run", "--ignore-installed", "--report", str(report))
    _pip(*dry, *for_oldest, str(aside / "nothing"), *(pin.asked for pin in pins))
    installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    newest = {
        canonicalize_name(one["metadata"]["name"]): one["metadata"]["version"] for one in installs
    }
    names = {pin.name: canonicalize_name(pin.name) for pin in pins}
    return {name: newest[known] for name, known in names.items() if known in newest}


def _pip(*arguments: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--retries", "1")
    _ask("PyPI", (sys.executable, "-m", "pip", "install", *quiet, *arguments), os.environ)


# -------------------------------------------------------------------------------------- npm


def javascript_release(aside: Path) -> Release:
    """The newest @anthropic-ai/sdk, compared by its declarations."""
    _npm(aside / "sdk", "@anthropic-ai/sdk@latest")
    folder = aside / "sdk" / "node_modules" / "@anthropic-ai" / "sdk"
    version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    try:
        sdk = javascript_sdk.read(folder)
    except javascript_sdk.Unreadable as error:
        line = f"tools/fresh/javascript_sdk.py cannot read it any more: {error}"
        return Release(version, (line,))
    table = protocol.load(CONTENT / "protocol.toml")
    known = models.load(CONTENT / "models.toml")
    lines = (*protocol_differences(table, sdk), *model_differences(known, sdk))
    return Release(version, lines)


def javascript_pins() -> list[Pin]:
    """The pins of package.json."""
    packages = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    return [
        Pin("package.json", name, version, HELD.get(name, "latest"))
        for name, version in packages.items()
    ]


def javascript_newest(aside: Path, pins: Iterable[Pin]) -> dict[str, str]:
    """The newest releases by package: those that npm would write into a lock file."""
    folder = aside / "lock"
    folder.mkdir()
    wanted = {"dependencies": {pin.name: pin.asked for pin in pins}}
    (folder / "package.json").write_text(json.dumps(wanted), encoding="utf-8")
    _npm(folder, "--package-lock-only")
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    return {pin.name: lock["packages"][f"node_modules/{pin.name}"]["version"] for pin in pins}


def _npm(folder: Path, *arguments: str) -> None:
    try:
        node = nodejs.ensure()
    except Missing as error:
        raise NotAsked(f"npm could not be asked: missing: {error}") from None
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries", "1")
    command = (*nodejs.npm(node), "install", "--prefix", str(folder), *quiet, *arguments)
    _ask("npm", command, nodejs.environment(node))


def _ask(registry: str, command: Iterable[str], environment: Mapping[str, str]) -> None:
    ended = run([*command], seconds=_SECONDS, env=environment)
    if not ended.ok:
        raise NotAsked(f"{registry} could not be asked: {ended.reason}")


REGISTRIES = (
    Registry(
        name="PyPI",
        sdk="anthropic",
        compared="the API version, events, deltas, blocks and their fields, stop reasons, errors, "
        "models and their ends of life",
        release=python_release,
        pins=python_pins,
        newest=python_newest,
        clients=lambda: client_pins(".py"),
    ),
    Registry(
        name="npm",
        sdk="@anthropic-ai/sdk",
        compared="the same without fields, as far as its declarations tell",
        release=javascript_release,
        pins=javascript_pins,
        newest=javascript_newest,
        clients=lambda: [replace(pin, asked="*") for pin in client_pins(".mjs")],
    ),
)
