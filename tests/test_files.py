"""What the package imports and holds, as people install it."""

from __future__ import annotations

import json
import subprocess
import sys

from streamguide import files
from tools.process import ROOT

# Modules of the standard library that Windows, or macOS too, lacks.
NOT_EVERYWHERE = (
    *("crypt", "curses", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd", "readline"),
    *("resource", "spwd", "syslog", "termios", "tty", "winreg", "winsound", "msvcrt"),
)
IMPORT_ALL = """
import builtins, json, sys
from pathlib import Path

imports = builtins.__import__
refused = []

def watched(name, globals=None, locals=None, fromlist=(), level=0):
    importer = (globals or {}).get("__name__", "")
    if importer.startswith("streamguide") and name.split(".")[0] in sys.argv[1:]:
        refused.append(f"{importer}: {name}")
    return imports(name, globals, locals, fromlist, level)

builtins.__import__ = watched
found = 0
for path in sorted(Path("streamguide").rglob("*.py")):
    name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    imports(name)
    found += 1
print(json.dumps([found, refused]))
"""
OF_THE_EXTRAS = (
    *("markdown", "pymdownx", "pygments", "dotenv"),
    *("anthropic", "httpx2", "httptools", "redis", "prometheus_client"),
)


def run(code: str, *arguments: str) -> list[object]:
    """The JSON that a program prints in a Python of its own."""
    ended = subprocess.run(
        (sys.executable, "-c", code, *arguments),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found: list[object] = json.loads(ended.stdout)
    return found


def test_no_module_imports_what_another_system_lacks() -> None:
    count, refused = run(IMPORT_ALL, *NOT_EVERYWHERE)
    assert isinstance(count, int) and count > 100
    assert refused == []


def test_the_simulator_needs_none_of_the_extras() -> None:
    code = "import json, sys, streamguide.standalone; print(json.dumps(sorted(sys.modules)))"
    imported = run(code)
    assert "jsonschema_rs" in imported
    assert [name for name in OF_THE_EXTRAS if name in imported] == []


def test_the_command_imports_no_package_before_it_knows_what_to_do() -> None:
    code = "import json, sys, streamguide.__main__; print(json.dumps(sorted(sys.modules)))"
    imported = run(code)
    assert "argparse" in imported
    assert [name for name in ("gevent", "flask", "pydantic") if name in imported] == []


def test_in_the_folder_of_the_project_they_stand_beside_the_package() -> None:
    assert not files.IS_INSTALLED
    assert files.ROOT == ROOT
    assert files.CONTENT == ROOT / "content"
