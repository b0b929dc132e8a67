"""Imports go one way, so that no stage knows those after it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "streamguide"

# Each part of the package, and the parts that it may import beside itself.
MAY_IMPORT = {
    "settings": {"files"},
    "content_file": set[str](),
    "models": {"content_file"},
    "comparison": {"models"},
    "protocol": {"content_file"},
    "reading": {"content_file"},
    "files": set[str](),
    "recordings": {"content_file", "reading"},
    "connection": set[str](),
    "turns": set[str](),
    "validation": {"protocol", "turns"},
    "scenarios": {"models", "protocol", "content_file"},
    "simulator": {
        "models",
        "protocol",
        "reading",
        "recordings",
        "scenarios",
        "connection",
        "content_file",
        "validation",
        "turns",
    },
    "library": {
        "files",
        "models",
        "protocol",
        "reading",
        "recordings",
        "scenarios",
        "simulator",
    },
    "simulator_process": set[str](),
    "testing": set[str](),
    "pytest": {"simulator_process", "testing"},
    "standalone": {
        "connection",
        "content_file",
        "library",
        "models",
        "server",
        "settings",
        "simulator",
        "web",
    },
    "conform": {"recordings", "reading", "simulator_process"},
    "inspection": {"reading"},
    "__main__": {
        "conform",
        "files",
        "inspection",
        "library",
        "reading",
        "recordings",
        "settings",
        "simulator",
        "standalone",
    },
    "strip": {"protocol", "reading", "recordings", "scenarios", "simulator"},
    "live": {"settings", "models", "protocol", "reading", "connection", "validation"},
    "recorder": {"settings", "models", "reading", "connection", "live", "turns"},
    "generator": {"files", "models", "protocol"},
    "guide": {
        "settings",
        "conform",
        "content_file",
        "models",
        "protocol",
        "reading",
        "recordings",
        "scenarios",
        "simulator",
        "generator",
        "strip",
        "inspection",
    },
    "content": {"files", "generator", "guide", "library"},
    "server": {"settings", "connection"},
    "web": {
        "files",
        "library",
        "settings",
        "models",
        "comparison",
        "protocol",
        "recordings",
        "scenarios",
        "simulator",
        "generator",
        "guide",
        "live",
        "recorder",
        "content",
        "connection",
        "validation",
        "turns",
        "strip",
    },
}
# Packages that only these parts may import.
ONLY = {
    "flask": {"web"},
    "gevent": {"__main__", "server", "live", "connection", "recorder"},
    "anthropic": {"live"},
    "redis": {"live"},
    "httptools": {"live"},
    "prometheus_client": {"live"},
    "markdown": {"guide"},
    "pygments": {"guide"},
}


def imports(path: Path) -> Iterator[str]:
    """The dotted names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(path for path in PACKAGE.rglob("*.py") if part_of(path) != "__init__")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_before_it(path: Path) -> None:
    part = part_of(path)
    for name in imports(path):
        first, *rest = name.split(".")
        if first == "streamguide" and rest[0] in MAY_IMPORT:
            assert rest[0] in {part} | MAY_IMPORT[part], f"{part} may not import {name}"
        assert part in ONLY.get(first, {part}), f"only {ONLY[first]} may import {first}"


def test_the_wire_needs_only_pydantic_beside_the_standard_library() -> None:
    own = {"streamguide", "pydantic", "pydantic_core", "typing_extensions"}
    allowed = sys.stdlib_module_names | own
    for path in (PACKAGE / "protocol").rglob("*.py"):
        assert {name.split(".")[0] for name in imports(path)} <= allowed, path.name


def test_only_the_servers_import_web() -> None:
    for path in FILES:
        if part_of(path) not in ("web", "standalone"):
            assert not any(name.startswith("streamguide.web") for name in imports(path))


def test_static_views_know_neither_player_nor_source() -> None:
    for path in (ROOT / "static" / "js" / "views").glob("*.js"):
        code = path.read_text(encoding="utf-8")
        lines = [line for line in code.splitlines() if line.startswith("import ")]
        assert not any("/player/" in line or "/sources/" in line for line in lines), path.name
