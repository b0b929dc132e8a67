"""Builds the wheel, and tries each form of it in an empty environment: `make package`.

`python -m tools.package` tries all of them, with every Python that is here for the base; names of
FORMS only those.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

from packaging.requirements import Requirement

from tools.process import ROOT, Missing, install, run
from tools.server import environment, live, started

FOLDER = ROOT / "build" / "package"
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
_README = ROOT / "README.md"
_PROGRAM = "streamguide"
_SECONDS = 300.0
# What `streamguide simulator` prints when it listens.
ADDRESS = re.compile(r'^{"base_url": "(http://\S+)"}')
_BODY = {
    "model": "claude-opus-5-5",
    "max_tokens": 500,
    "stream": True,
    "messages": [{"role": "user", "content": "Hello"}],
}


@dataclass(frozen=True, slots=True)
class Form:
    """A way to install the package: `extras` as in `streamguide[site]`, and with `oldest` the
    oldest release that each range takes. `quick_start` gets the environment's folder of programs,
    and an empty folder to work in."""

    extras: str
    quick_start: Callable[[Path, Path], None]
    oldest: bool = False


def pythons() -> dict[str, str]:
    """Those of PYTHONS that are here, by name: on the path, or where pyenv and uv keep them."""
    home = Path.home()
    folders = [*home.glob(".pyenv/versions/*/bin"), *home.glob(".local/share/uv/python/*/bin")]
    found: dict[str, str] = {}
    for name in PYTHONS:
        # On the path may be a shim of pyenv that runs nothing.
        for path in (name, *(str(folder / name) for folder in sorted(folders))):
            if run((path, "-V"), seconds=20).ok:
                found.setdefault(name, path)
    return found


def build() -> Path:
    """Build the wheel; returns its path. Raises Missing."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    command = ("-m", "build", "--wheel", "--no-isolation", "--outdir", str(FOLDER))
    ended = run((sys.executable, *command), seconds=_SECONDS)
    if not ended.ok:
        raise Missing(f"the wheel: {ended.reason}")
    [wheel] = FOLDER.glob("*.whl")
    return wheel


def install_into(folder: Path, wheel: Path, form: Form, python: str = sys.executable) -> Path:
    """Make an empty environment, and install the wheel; returns the folder of its programs.

    Raises Missing.
    """
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    wanted = [f"{wheel}{form.extras}", *(oldest() if form.oldest else ())]
    pip = (str(programs / "python"), "-m", "pip", "install", "--quiet", *wanted)
    venv = (python, "-m", "venv", str(folder))
    ended = install(f"{wheel.name}{form.extras} with {python}", venv, pip)
    if not ended.ok:
        raise Missing(f"{form.extras or 'the base'}: {ended.reason}")
    return programs


def oldest() -> Iterator[str]:
    """The requirements of the base, each pinned to the oldest release that its range takes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in project["dependencies"]:
        one = Requirement(text)
        [least] = [part.version for part in one.specifier if part.operator == ">="]
        yield f"{one.name}=={least}"


def _ask(url: str, body: Mapping[str, object] | None = None) -> bytes:
    headers = {"x-api-key": "any", "anthropic-version": "2026-10-21"}
    data = None if body is None else json.dumps(body).encode()
    headers |= {} if body is None else {"content-type": "application/json"}
    # The server is on this machine, whatever proxy there is.
    with build_opener(ProxyHandler({})).open(Request(url, data, headers), timeout=_SECONDS) as got:
        found: bytes = got.read()
        return found


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, without any key in its environment."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def _told(programs: Path, folder: Path, *arguments: str) -> str:
    """What the command `streamguide` prints."""
    ended = _run(folder, str(programs / _PROGRAM), *arguments)
    ended.check_returncode()
    return ended.stdout


def try_base(programs: Path, folder: Path) -> None:
    """The simulator plays and breaks, and the commands beside it list and inspect."""
    command = (programs / _PROGRAM, "simulator", "--port", "0")
    with started(command, environment({}), ADDRESS, folder=folder) as server:
        whole = _ask(f"{server.url}/hello/slow;factor=0/v1/messages", _BODY)
        assert b"message_stop" in whole
        cut = _ask(f"{server.url}/hello/slow;factor=0+end-early/v1/messages", _BODY)
        assert b"message_stop" not in cut
        assert json.loads(_ask(f"{server.url}/journal.json"))["requests"][0]["ended"] == "complete"
    (folder / "whole.sse").write_bytes(whole)
    assert json.loads(_told(programs, folder, "inspect", "--json", "whole.sse"))["is_complete"]
    assert "drop" in _told(programs, folder, "faults", "breaks")
    assert "hello" in _told(programs, folder, "scenarios")


def try_test(programs: Path, folder: Path) -> None:
    """The test of the README passes, beside what the base does."""
    try_base(programs, folder)
    [test] = re.findall(r"```python\n(# test_ask\.py\n.*?)```", _README.read_text(), re.DOTALL)
    (folder / "test_ask.py").write_text(test, encoding="utf-8")
    pip = (str(programs / "python"), "-m", "pip", "install", "--quiet", "pytest", "anthropic")
    ended = install("pytest and anthropic", pip)
    if not ended.ok:
        raise Missing(f"pytest and anthropic: {ended.reason}")
    tested = _run(folder, str(programs / "pytest"), "-q")
    assert " passed" in tested.stdout and tested.returncode == 0, tested.stdout + tested.stderr


def try_site(programs: Path, folder: Path) -> None:
    """The tools are there, and every page that the list for machines has."""
    command = (programs / _PROGRAM, "serve", "--port", "0")
    with started(command, environment({}), folder=folder) as server:
        listed = _ask(f"{server.url}/llms.txt").decode()
        pages = re.findall(rf"{re.escape(server.url)}/guide/\w+\.md", listed)
        assert len(pages) > 10, listed
        for page in ("/", "/demo", "/generator", "/simulator", "/models"):
            assert b"</html>" in _ask(f"{server.url}{page}"), page
        for page in dict.fromkeys(pages):
            assert _ask(page), page


def try_live(programs: Path, folder: Path) -> None:
    """Live mode asks a simulator instead of Claude."""
    simulator = (programs / _PROGRAM, "simulator", "--port", "0")
    command = (programs / _PROGRAM, "serve", "--port", "0")
    with (
        started(simulator, environment({}), ADDRESS, folder=folder) as upstream,
        started(command, environment(live(upstream.url)), folder=folder) as server,
    ):
        assert b"</html>" in _ask(f"{server.url}/live")
        assert b"# TYPE" in _ask(f"{server.url}/metrics")


FORMS: Mapping[str, Form] = {
    "base": Form("", try_test),
    "oldest": Form("", try_base, oldest=True),
    "site": Form("[site]", try_site),
    "live": Form("[live]", try_live),
}


def attempt(name: str, wheel: Path, python: str = sys.executable) -> None:
    """Install a form and run its quick start. Raises Missing, or an error of the quick start."""
    form = FORMS[name]
    with tempfile.TemporaryDirectory(prefix="streamguide-") as made:
        empty = Path(made, "empty")
        empty.mkdir()
        form.quick_start(install_into(Path(made, "venv"), wheel, form, python), empty)


def main(names: Sequence[str]) -> int:
    """Try the named forms, or all. Returns the exit status."""
    wheel = build()
    print(f"{wheel.name} has {wheel.stat().st_size / 1000:.0f} kB")
    others = {} if names else pythons()
    for name in names or FORMS:
        attempt(name, wheel)
        print(f"ok: {name}", flush=True)
    for python, path in others.items():
        attempt("base", wheel, path)
        print(f"ok: base with {python}", flush=True)
    if absent := [] if names else [one for one in PYTHONS if one not in others]:
        print(f"Not here, so not tried: {', '.join(absent)}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Missing as error:
        sys.exit(f"Missing: {error}.")
