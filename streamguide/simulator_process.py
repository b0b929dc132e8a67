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


@contextmanager
def running_simulator(*arguments: str) -> Iterator[str]:
    """Run `streamguide simulator` with these arguments on a free port; returns its base URL.

    It ends with the context, and when this process is killed. Raises SimulatorFailed.
    """
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")
    }
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command("simulator", "--port", "0", "--until-stdin-ends", *arguments),
            env=inherited,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            # Ctrl-C is for this program, which ends the simulator when it is done.
            start_new_session=True,
        ) as process,
    ):
        assert process.stdin is not None and process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                process.wait(_STOP_SECONDS)
                said.seek(0)
                lines = said.read().decode(errors="replace").strip().splitlines()
                raise SimulatorFailed(lines[-1] if lines else "The simulator did not start.")
            yield str(json.loads(line)["base_url"])
        finally:
            process.stdin.close()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
