"""What the programs ran with: the versions that the data names."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version

from scripts import nodejs
from scripts.outcomes.curl import versions as curl_versions
from scripts.process import ROOT, run


def versions() -> dict[str, str]:
    """Each by the name that a page shows."""
    curl = curl_versions()
    packages = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    node = nodejs.find()
    assert node is not None
    return {
        "Python": platform.python_version(),
        "anthropic": version("anthropic"),
        "Node.js": run((node, "--version"), seconds=20).output.strip().removeprefix("v"),
        **{name: packages[name] for name in ("@anthropic-ai/sdk", "undici", "express")},
        **{name: version(name) for name in ("flask", "fastapi", "uvicorn")},
        "curl": curl.curl,
        "jq": curl.jq.removeprefix("jq-"),
    }
