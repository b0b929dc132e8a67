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
from collections.abc import Callable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Serving:
    """A program that runs until it is killed; what it prints comes out of `log`."""

    log: FileIO
    kill: Callable[[], None]


class Forks:
    """The process of `forks.py`, and running programs in its children.

    It starts with the first program, and imports these modules.
    """

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._jobs, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process: subprocess.Popen[bytes] | None = None
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
        self._theirs.close()
        if self._process:
            self._process.wait()

    def run(
        self,
        program: Path,
        folder: Path,
        environment: Mapping[str, str],
        seconds: float,
        arguments: Sequence[str] = (),
    ) -> Ran:
        """Run a Python program in a folder, for at most so long."""
        command = (str(program), *arguments)
        with (
            _pipe() as (out, out_end),
            _pipe() as (err, err_end),
            self._child(command, folder, environment, out_end, err_end) as child,
        ):
            told = _Collected(out.fileno(), err.fileno(), seconds)
            if told.late:
                child.kill()
            code = child.wait()
        return told.ran(None if told.late else code)

    @contextmanager
    def serve(
        self, program: Path, folder: Path, environment: Mapping[str, str]
    ) -> Iterator[Serving]:
        """Run a Python program in a folder until the end of the context."""
        with (
            _pipe() as (log, end),
            self._child((str(program),), folder, environment, end, end) as child,
        ):
            yield Serving(log, child.kill)
            child.kill()
            child.wait()

    @contextmanager
    def _child(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        out_end: FileIO,
        err_end: FileIO,
    ) -> Iterator[_Child]:
        """A child that writes to these ends, which are closed here."""
        job = {"command": command, "folder": str(folder), "environment": dict(environment)}
        with _pipe() as (status, status_end):
            with self._sending:
                self._start()
                ends = [out_end.fileno(), err_end.fileno(), status_end.fileno()]
                socket.send_fds(self._jobs, [json.dumps(job).encode()], ends)
            for end in (out_end, err_end, status_end):
                end.close()
            child = _Child(int(status.readline()), status)
            try:
                yield child
            except BaseException:
                child.kill()
                raise

    def _start(self) -> None:
        if self._process:
            return
        socket_ = self._theirs.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "scripts.survival.forks", str(socket_), *self._modules],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=[socket_],
        )
        self._theirs.close()


@dataclass(frozen=True, slots=True)
class _Child:
    number: int
    status: FileIO

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.number, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit code."""
        return int(self.status.readline())


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
def serve(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Iterator[Serving]:
    """Run a command in a folder until the end of the context."""
    with (
        _pipe() as (log, end),
        subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=end,
            stderr=end,
        ) as process,
    ):
        end.close()
        try:
            yield Serving(log, process.kill)
        finally:
            process.kill()


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
