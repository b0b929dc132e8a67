"""Python programs in children of a process that has imported the SDK already.

The import takes two seconds of CPU, a fork 0.06. multiprocessing's fork server has no client, no
thread and no connection when it forks. It imports this module, which therefore imports little.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Lock

_FORKS = multiprocessing.get_context("forkserver")
_IMPORTS = ("anthropic", "httpx2", "flask", "fastapi", "uvicorn")
_FORKS.set_forkserver_preload([*_IMPORTS, __name__])
# Starting a process also polls all others, and only one thread may poll.
_ASKING = Lock()


@contextmanager
def forked(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, together: bool = False
) -> Iterator[tuple[ForkServerProcess, Connection, Connection]]:
    """Run a Python program and its arguments: its process, and its stdout and stderr.

    `together`: both are one. At the end of the context the program is killed.
    """
    out, out_end = _FORKS.Pipe(duplex=False)
    err, err_end = (out, out_end) if together else _FORKS.Pipe(duplex=False)
    arguments = (list(command), str(folder), dict(environment), out_end, err_end)
    process = _FORKS.Process(target=_become, args=arguments)
    with out, err:
        with out_end, err_end, _ASKING:
            process.start()
        try:
            yield process, out, err
        finally:
            process.kill()
            exit_code(process)


def exit_code(process: ForkServerProcess) -> int | None:
    """Wait for its end."""
    wait([process.sentinel])
    with _ASKING:
        process.join()
        return process.exitcode


def _become(
    command: list[str],
    folder: str,
    environment: dict[str, str],
    out: Connection,
    err: Connection,
) -> None:
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    out.close()
    err.close()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = command
    sys.path.insert(0, str(Path(command[0]).parent))
    sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
    runpy.run_path(command[0], run_name="__main__")
