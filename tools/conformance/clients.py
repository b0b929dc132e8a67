"""The clients: what runs each, and its version."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools import nodejs
from tools.faults import curl
from tools.process import ROOT, run

_HERE = Path(__file__).parent
_SHORT = ROOT / "content" / "programs" / "curl-short.sh"


@dataclass(frozen=True, slots=True)
class Client:
    """A program: its command, and the versions of its package and its runtime."""

    command: tuple[str, ...]
    version: str
    runtime: str


def clients() -> Mapping[str, Client]:
    """All clients by name: each SDK's two ways of reading, and curl with jq."""
    node = nodejs.find() or "node"
    package = json.loads((nodejs.MODULES / "@anthropic-ai/sdk/package.json").read_text("utf-8"))
    found = {}
    for way in ("stream", "create"):
        found[f"python-{way}"] = Client(
            (sys.executable, str(_HERE / "sdk.py"), way),
            version("anthropic"),
            f"python{'.'.join(platform.python_version_tuple()[:2])}",
        )
    node_version = run((node, "--version"), seconds=20).output.strip().removeprefix("v")
    for way in ("stream", "create"):
        found[f"javascript-{way}"] = Client(
            (node, str(_HERE / "sdk.mjs"), way),
            package["version"],
            f"node{node_version.partition('.')[0]}",
        )
    versions = curl.versions()
    found["curl"] = Client(
        ("bash", "-o", "pipefail", str(_SHORT)),
        versions["curl"],
        f"curl{versions['curl'].partition('.')[0]} {versions['jq']}",
    )
    return found
