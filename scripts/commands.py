"""The command-line programs that the guide's shell programs use: curl and jq."""

import os
import shutil
import sys

from scripts.process import run

NEEDED = ("curl", "jq")

_INSTALL_SECONDS = 300


class NoCommand(Exception):
    """A program cannot be had. The message says what to install."""


def ensure() -> None:
    """Find all of them, or install Debian's packages when root. Raises NoCommand."""
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing", " and ".join(missing()), file=sys.stderr, flush=True)
        run(("apt-get", "update"), seconds=_INSTALL_SECONDS)
        run(("apt-get", "install", "--yes", *missing()), seconds=_INSTALL_SECONDS)
    if missing():
        names = " and ".join(missing())
        raise NoCommand(f"{names} (Debian, Ubuntu: apt install {' '.join(missing())})")


def missing() -> list[str]:
    """Those that are not on the PATH; each package has its program's name."""
    return [name for name in NEEDED if shutil.which(name) is None]
