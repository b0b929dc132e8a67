"""Running one program: its output, the time of its first word, and its exit status."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.faults.forked import exit_code, forked

_READ_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Ran:
    """One run. `code` is None if it had to be killed; times are in seconds from its start."""

    code: int | None
    out: str
    err: str
    first: float | None
    end: float


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> Ran:
    """Run a command in a folder, with a time limit; its child processes end with it.

    For a Python program, the command begins with its path instead of an interpreter.
    """
    if command[0].endswith(".py"):
        with forked(command, folder, environment) as (child, out, err):
            told = _Collected(out.fileno(), err.fileno(), seconds)
            return told.ran(None if told.late else exit_code(child))
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = _Collected(process.stdout.fileno(), process.stderr.fileno(), seconds)
        if told.late:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        return told.ran(process.wait())


class _Collected:
    """The bytes read from two pipes until both are closed or the time is up."""

    def __init__(self, out: int, err: int, seconds: float) -> None:
        self._texts: dict[int, list[bytes]] = {out: [], err: []}
        self._out, self._err = out, err
        self._first: float | None = None
        self._started = time.monotonic()
        self.late = not self._read(seconds)
        self._end = time.monotonic() - self._started

    def ran(self, code: int | None) -> Ran:
        """The run that this was, with the program's exit code if it ended in time."""
        out, err = (b"".join(self._texts[pipe]) for pipe in (self._out, self._err))
        return Ran(
            None if self.late else code,
            out.decode(errors="replace"),
            err.decode(errors="replace"),
            self._first,
            self._end,
        )

    def _read(self, seconds: float) -> bool:
        with selectors.DefaultSelector() as selector:
            for pipe in self._texts:
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                rest = self._started + seconds - time.monotonic()
                if rest <= 0:
                    return False
                for key, _ in selector.select(rest):
                    data = os.read(key.fd, _READ_BYTES)
                    if key.fd == self._out and data.strip() and self._first is None:
                        self._first = time.monotonic() - self._started
                    self._texts[key.fd].append(data)
                    if not data:
                        selector.unregister(key.fd)
        return True
