"""What tests run: curl and jq of the shell programs, Redis, nginx, openssl."""

import shutil
import sys
from pathlib import Path

from tools.process import Missing, install_from_debian

# Each is in Debian's package of the same name.
NEEDED = ("curl", "jq", "nginx", "openssl", "redis-server")


def ensure() -> None:
    """Find all of them, or install Debian's packages when root. Raises Missing."""
    if packages := missing():
        install_from_debian(packages)
    if packages := missing():
        names = f"{' and '.join(packages)} (Debian, Ubuntu: apt install {' '.join(packages)})"
        raise Missing(names)


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
