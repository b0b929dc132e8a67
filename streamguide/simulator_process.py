"""The simulator in a process of its own, for programs that do not want its packages in theirs.

It imports only the standard library, and so does whatever imports it.

>>> with running_simulator() as base_url:
...     base_url
'http://127.0.0.1:41237/simulator'
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STOP_SECONDS = 10.0
# The package may stand beside the program without being installed. Its folder comes last, so that
# it hides no other package, and `-P` leaves out the working directory.
_RUN = """\
import sys
sys.path.append({folder!r})
from streamguide.__main__ import main
sys.exit(main())
"""


class SimulatorFailed(Exception):
    """The simulator did not start. The message is the last line that it printed."""


def command(*arguments: str) -> list[str]:
    """The command `streamguide` with these arguments, in this Python."""
    program = _RUN.format(folder=str(Path(__file__).parent.parent))
    return [sys.executable, "-P", "-c", program, *arguments]


class SimulatorProcess:
    """`streamguide simulator` on a free port. It starts at once, and is waited for by `base_url`.

    It ends when it is told, and when this process is killed.
    """

    def __init__(self, *arguments: str) -> None:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")
        }
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - end() closes it
        self._process = subprocess.Popen(
            command("simulator", "--port", "0", "--until-stdin-ends", *arguments),
            env=inherited,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            # Ctrl-C is for this program, which ends the simulator when it is done.
            start_new_session=True,
        )
        self._base_url = ""

    def base_url(self) -> str:
        """Its base URL, once it listens. Raises SimulatorFailed."""
        if not self._base_url:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
            if not line:
                raise SimulatorFailed(self._last_line())
            self._base_url = str(json.loads(line)["base_url"])
        return self._base_url

    def end(self) -> None:
        """End it, and wait until it has."""
        with self._said, self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def _last_line(self) -> str:
        self._process.wait(_STOP_SECONDS)
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "The simulator did not start."


@contextmanager
def running_simulator(*arguments: str) -> Iterator[str]:
    """Run `streamguide simulator` with these arguments; yields its base URL. Raises SimulatorFailed."""
    process = SimulatorProcess(*arguments)
    try:
        yield process.base_url()
    finally:
        process.end()
