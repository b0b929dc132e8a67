"""Running another program with a time limit that also ends the programs it started; and installing
those that are missing."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_INSTALL_SECONDS = 900.0


class Missing(Exception):
    """Something that is needed cannot be had. The message says what to install."""


@dataclass(frozen=True)
class Ended:
    """How a program ended. A `code` of None means that its time was up."""

    code: int | None
    output: str = ""

    @property
    def ok(self) -> bool:
        return self.code == 0

    @property
    def reason(self) -> str:
        """The line that tells most: the first that speaks of an error, or else the last one."""
        if self.code is None:
            return "time was up"
        lines = self.output.strip().splitlines() or ["nothing"]
        return next((line for line in lines if "error" in line.lower()), lines[-1])


def run(
    command: Sequence[str],
    *,
    seconds: float,
    env: Mapping[str, str] | None = None,
    live: bool = False,
    folder: Path = ROOT,
) -> Ended:
    """Run `command` in the project's folder, or another. `live` shows its output instead of returning it.

    Without an `env` of its own it keeps this process's, certificate and proxy variables included.
    """
    output = None if live else subprocess.PIPE
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if live else subprocess.STDOUT,
            text=True,
            errors="replace",
            # A process group of its own, so that npm's or pytest's children can be ended with it.
            start_new_session=True,
        )
    except OSError as error:
        return Ended(code=127, output=str(error))
    with process:
        return _wait(process, seconds)


def _wait(process: subprocess.Popen[str], seconds: float) -> Ended:
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _kill_group(process)
        output, _ = process.communicate()
        return Ended(code=None, output=output or "")
    except BaseException:
        # Ctrl-C reaches only this process, because the other is in a session of its own.
        _kill_group(process)
        raise
    return Ended(code=process.returncode, output=output or "")


def _kill_group(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def print_path(ensure: Callable[[], str]) -> None:
    """Print what `ensure` finds; exit with its message if that is Missing."""
    try:
        print(ensure())
    except Missing as error:
        sys.exit(f"Missing: {error}.")


def install(what: str, *commands: Sequence[str], env: Mapping[str, str] | None = None) -> Ended:
    """Say what is installed, and run commands until one fails; returns the end of the last."""
    print("Installing", what, file=sys.stderr, flush=True)
    ended = Ended(0)
    for command in commands:
        ended = run(command, seconds=_INSTALL_SECONDS, env=env)
        if not ended.ok:
            break
    return ended


def install_from_debian(packages: Sequence[str]) -> None:
    """Install Debian's packages, where this is Debian, and root."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        # The package list of a fresh container is empty or old.
        run(("apt-get", "update"), seconds=_INSTALL_SECONDS)
        # Recommended packages are for a desktop: printers, notifications.
        options = ("--yes", "--no-install-recommends")
        install(" and ".join(packages), ("apt-get", "install", *options, *packages))
