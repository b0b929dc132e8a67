"""The command-line programs that tests run: curl and jq of the shell programs, and Redis."""

import os
import shutil
import sys

from scripts.process import run

# Each program, and Debian's package of it.
NEEDED = {"curl": "curl", "jq": "jq", "redis-server": "redis-server"}

_INSTALL_SECONDS = 300


class NoCommand(Exception):
    """A program cannot be had. The message says what to install."""


def ensure() -> None:
    """Find all of them, or install Debian's packages when root. Raises NoCommand."""
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing", " and ".join(packages()), file=sys.stderr, flush=True)
        run(("apt-get", "update"), seconds=_INSTALL_SECONDS)
        run(("apt-get", "install", "--yes", *packages()), seconds=_INSTALL_SECONDS)
    if missing():
        names = " and ".join(missing())
        raise NoCommand(f"{names} (Debian, Ubuntu: apt install {' '.join(packages())})")


def missing() -> list[str]:
    """Those that are not on the PATH."""
    return [name for name in NEEDED if shutil.which(name) is None]


def packages() -> list[str]:
    """The packages of those that are missing."""
    return [NEEDED[name] for name in missing()]
