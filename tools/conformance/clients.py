"""The clients: what runs each, and its version."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from streamguide.content import load_content
from streamguide.files import CONTENT
from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import RELAYS, read
from streamguide.generator.render import render
from streamguide.guide.clients import load_clients
from streamguide.guide.conformance import GENERATOR
from streamguide.guide.context import LOCAL_URL
from tools import nodejs
from tools.clients.install import NODE, PYTHON, install_newest
from tools.faults import curl
from tools.process import ROOT, run

_HERE = Path(__file__).parent
_SHORT = CONTENT / "programs" / "curl-short.sh"
_WRITTEN = ROOT / "build" / "conformance"
# Other people's clients, by their names in clients.toml.
OTHERS = ("ai-sdk", "langchain-python", "pydantic-ai")
# What their programs name as a text, and a run has in its environment.
_ADDRESS = f'"{LOCAL_URL}/simulator/hello'
_FROM_ENVIRONMENT = {
    ".py": '__import__("os").environ["ANTHROPIC_{}"]',
    ".mjs": "process.env.ANTHROPIC_{}",
}
# Statuses of the generator's programs for an answer that is whole: refused, and cut short.
_RUN_WHOLE = '"$@"; status=$?; case $status in 4|5) exit 0;; esac; exit $status'


@dataclass(frozen=True, slots=True)
class Client:
    """A program: its command, and the versions of its package and its runtime."""

    command: tuple[str, ...]
    version: str
    runtime: str


def clients() -> Mapping[str, Client]:
    """Those of this project by name: each SDK's two ways of reading, curl with jq, and programs of
    the generator."""
    node = nodejs.find() or "node"
    package = json.loads((nodejs.MODULES / "@anthropic-ai/sdk/package.json").read_text("utf-8"))
    found = {}
    for way in ("stream", "create"):
        found[f"python-{way}"] = Client(
            (sys.executable, str(_HERE / "sdk.py"), way),
            version("anthropic"),
            _runtime(sys.executable),
        )
    for way in ("stream", "create"):
        found[f"javascript-{way}"] = Client(
            (node, str(_HERE / "sdk.mjs"), way),
            package["version"],
            _runtime(node),
        )
    versions = curl.versions()
    found["curl"] = Client(
        ("bash", "-o", "pipefail", str(_SHORT)),
        versions["curl"],
        f"curl{versions['curl'].partition('.')[0]} {versions['jq']}",
    )
    return found | _generated(found)


def _generated(versions: Mapping[str, Client]) -> dict[str, Client]:
    """A program of each language of the generator, as the form has it at first, but for the limit
    on silence: with the default of two minutes a measurement would take hours."""
    content = load_content()
    found = {}
    for language in LANGUAGES:
        # TypeScript has the template of JavaScript.
        if language in (*RELAYS, "typescript"):
            continue
        chosen = {"language": [language], "silence_timeout": ["5"]}
        program = render(read(chosen, content.models), content.models, content.table)
        file = _WRITTEN / language / program.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(program.text, encoding="utf-8")
        of = {"python": "python-create", "javascript": "javascript-create"}
        like = versions[of.get(language.partition("-")[0], "curl")]
        command = ("bash", "-c", _RUN_WHOLE, "bash", *_interpreter(file), str(file))
        found[f"{GENERATOR}{language}"] = Client(command, like.version, like.runtime)
    return found


def _interpreter(file: Path) -> tuple[str, ...]:
    return {".py": (sys.executable,), ".sh": ("bash",)}.get(file.suffix, (nodejs.find() or "node",))


def _runtime(interpreter: str) -> str:
    """Which Python or Node.js it is, such as python3.11 or node22."""
    name, _, number = run((interpreter, "--version"), seconds=20).output.strip().rpartition(" ")
    # Node.js prints no name: "v22.1.0".
    return f"python{number.rpartition('.')[0]}" if name else f"node{number[1:].partition('.')[0]}"


def others() -> Mapping[str, Client]:
    """Other people's, newly installed aside. Raises Missing."""
    chosen = [one for one in load_clients(CONTENT / "clients.toml") if one.name in OTHERS]
    node = nodejs.ensure()
    versions = install_newest(chosen, node)
    found = {}
    for one in chosen:
        text = (CONTENT / "clients" / one.program).read_text(encoding="utf-8")
        suffix = Path(one.program).suffix
        from_environment = _FROM_ENVIRONMENT[suffix]
        text = text.replace(_ADDRESS, f'{from_environment.format("BASE_URL")} + "')
        text = text.replace('"any"', from_environment.format("API_KEY"))
        # Node.js looks for packages in the folders above a program.
        file = NODE / one.program
        file.write_text(text, encoding="utf-8")
        interpreter = str(PYTHON) if suffix == ".py" else node
        version_ = ", ".join(f"{name} {told}" for name, told in versions[one.name].items())
        found[one.name] = Client((interpreter, str(file)), version_, _runtime(interpreter))
    return found
