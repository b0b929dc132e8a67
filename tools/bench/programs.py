"""The programs in C of this folder, compiled when they are needed."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.bench.machine import NotHere
from tools.process import ROOT, run

_BUILD = ROOT / "build"
_COMPILE_SECONDS = 60.0


def compiled(name: str) -> Path:
    """A program, compiled if its source is newer. Raises NotHere without a compiler."""
    source, program = Path(__file__).with_name(f"{name}.c"), _BUILD / name
    changed = max(path.stat().st_mtime for path in (source, source.with_name("common.h")))
    if program.exists() and program.stat().st_mtime >= changed:
        return program
    compiler = shutil.which("cc")
    if compiler is None:
        raise NotHere(f"{source.name} needs a C compiler (Debian, Ubuntu: apt install gcc)")
    program.parent.mkdir(exist_ok=True)
    command = (compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(program), str(source))
    ended = run(command, seconds=_COMPILE_SECONDS)
    if not ended.ok:
        raise NotHere(f"{source.name} cannot be compiled, which needs Linux:\n{ended.output}")
    return program
