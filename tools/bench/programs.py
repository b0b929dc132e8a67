"""Programs that measurements need: those in C of this folder, compiled, and packages, installed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.process import ROOT, Missing, install, run

_BUILD = ROOT / "build"
_COMPILE_SECONDS = 60.0


def compiled(name: str) -> Path:
    """A program, compiled if its source is newer. Raises Missing without a compiler."""
    source, program = Path(__file__).with_name(f"{name}.c"), _BUILD / name
    changed = max(path.stat().st_mtime for path in (source, source.with_name("common.h")))
    if program.exists() and program.stat().st_mtime >= changed:
        return program
    compiler = shutil.which("cc")
    if compiler is None:
        raise Missing(f"{source.name} needs a C compiler (Debian, Ubuntu: apt install gcc)")
    program.parent.mkdir(exist_ok=True)
    command = (compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(program), str(source))
    ended = run(command, seconds=_COMPILE_SECONDS)
    if not ended.ok:
        raise Missing(f"{source.name} cannot be compiled, which needs Linux:\n{ended.output}")
    return program


def installed(
    program: Path,
    package: str,
    *commands: Sequence[str],
    env: Mapping[str, str] | None = None,
) -> Path:
    """A program of a package, which the commands install if it is not there. Raises Missing."""
    if not program.exists():
        ended = install(package, *commands, env=env)
        if not ended.ok:
            raise Missing(f"{package} cannot be installed from its registry: {ended.reason}")
    return program
