"""Running one program: what it printed, when its first word came, and how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType

from scripts.process import ROOT

_READ_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Ran:
    """One run. `code` is None if it had to be killed; times are in seconds from its start."""

    code: int | None
    out: str
    err: str
    first: float | None
    end: float


class Forks:
    """The process of `forks.py`, and running programs in its children."""

    def __init__(self) -> None:
        self._jobs, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scripts.survival.forks", str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._sending = threading.Lock()

    def __enter__(self) -> Forks:
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._jobs.close()
        self._process.wait()

    def run(
        self, program: Path, folder: Path, environment: Mapping[str, str], seconds: float
    ) -> Ran:
        """Run a Python program in a folder, for at most so long."""
        with _pipe() as (out, out_end), _pipe() as (err, err_end), _pipe() as (status, status_end):
            job = {
                "program": str(program),
                "folder": str(folder),
                "environment": dict(environment),
            }
            with self._sending:
                ends = [out_end.fileno(), err_end.fileno(), status_end.fileno()]
                socket.send_fds(self._jobs, [json.dumps(job).encode()], ends)
            for end in (out_end, err_end, status_end):
                end.close()
            child = int(status.readline())
            told = _Collected(out.fileno(), err.fileno(), seconds)
            if told.late:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            code = int(status.readline())
        return told.ran(None if told.late else code)


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> Ran:
    """Run a command in a folder, for at most so long; what it started ends with it."""
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
        code = process.wait()
    return told.ran(None if told.late else code)


@contextmanager
def _pipe() -> Iterator[tuple[FileIO, FileIO]]:
    read, write = os.pipe()
    with FileIO(read) as out, FileIO(write, "w") as end:
        yield out, end


class _Collected:
    """What comes out of two pipes until both are closed, or the time is up."""

    def __init__(self, out: int, err: int, seconds: float) -> None:
        self._texts: dict[int, list[bytes]] = {out: [], err: []}
        self._out, self._err = out, err
        self._first: float | None = None
        self._started = time.monotonic()
        self.late = not self._read(seconds)
        self._end = time.monotonic() - self._started

    def ran(self, code: int | None) -> Ran:
        """The run that this was."""
        return Ran(code, self._text(self._out), self._text(self._err), self._first, self._end)

    def _text(self, pipe: int) -> str:
        return b"".join(self._texts[pipe]).decode(errors="replace")

    def _read(self, seconds: float) -> bool:
        with selectors.DefaultSelector() as selector:
            for pipe in self._texts:
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                rest = self._started + seconds - time.monotonic()
                if rest <= 0:
                    return False
                for key, _ in selector.select(rest):
                    if not self._take(key.fd):
                        selector.unregister(key.fd)
        return True

    def _take(self, pipe: int) -> bool:
        data = os.read(pipe, _READ_BYTES)
        if pipe == self._out and data.strip() and self._first is None:
            self._first = time.monotonic() - self._started
        self._texts[pipe].append(data)
        return bool(data)
