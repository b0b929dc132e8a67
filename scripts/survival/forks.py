"""Python programs in children of a process that has imported the SDK already.

Importing it takes two seconds of CPU, a fork six hundredths. The process has done nothing else:
no client, no thread, no connection.

`python -m scripts.survival.forks FD MODULE…` imports the modules, and reads jobs from the socket
FD: each is `{"command", "folder", "environment"}`, the command being a program with its arguments,
with three pipes, for stdout, stderr and the status. To the status it writes the child's number,
and once it has ended its exit code, a line each.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

_LARGEST_JOB = 65536


def main() -> None:
    """Fork for each job, until the socket is closed."""
    for module in sys.argv[2:]:
        importlib.import_module(module)
    jobs = socket.socket(fileno=int(sys.argv[1]))
    # The children are waited for by nobody here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        data, pipes, _, _ = socket.recv_fds(jobs, _LARGEST_JOB, 3)
        if not data:
            return
        if os.fork() == 0:
            jobs.close()
            _watch(json.loads(data), *pipes)
        for pipe in pipes:
            os.close(pipe)


def _watch(job: dict[str, Any], out: int, err: int, status: int) -> NoReturn:
    """Run the job in a child, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.close(status)
        _become(job, out, err)
    os.close(out)
    os.close(err)
    os.write(status, b"%d\n" % child)
    _, ended = os.waitpid(child, 0)
    os.write(status, b"%d\n" % os.waitstatus_to_exitcode(ended))
    os._exit(0)


def _become(job: dict[str, Any], out: int, err: int) -> NoReturn:
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["environment"])
    program = job["command"][0]
    sys.argv = job["command"]
    sys.path.insert(0, str(Path(program).parent))
    sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
    code = 1
    try:
        runpy.run_path(program, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = _code(end.code)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _code(code: object) -> int:
    """What the interpreter makes of `sys.exit`'s argument."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
