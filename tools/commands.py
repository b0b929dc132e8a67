"""What tests run: curl and jq of the shell programs, Redis, nginx, openssl."""

import os
import shutil
import sys
from pathlib import Path

from tools.process import run

# Each program, and Debian's package of it.
NEEDED = {
    "curl": "curl",
    "jq": "jq",
    "nginx": "nginx",
    "openssl": "openssl",
    "redis-server": "redis-server",
}

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


def find(name: str) -> str | None:
    """The path of a program; None where there is none.

    nginx is that of requirements-dev.txt, beside Python and under a name of its own, so that the
    tests meet the same version everywhere; where that has none for the machine, an installed one.
    """
    wheel = Path(sys.executable).with_name(f"{name}-wheel")
    return str(wheel) if wheel.exists() else shutil.which(name)


def missing() -> list[str]:
    """Those that cannot be found."""
    return [name for name in NEEDED if find(name) is None]


def packages() -> list[str]:
    """The packages of those that are missing."""
    return [NEEDED[name] for name in missing()]
