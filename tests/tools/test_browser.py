"""The choice of a browser, which must launch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tools import browser, process
from tools.process import Ended, Missing


class Machine:
    """Stands in for running programs: everything fails, unless a step has made a browser work."""

    def __init__(self, *, works: str | None = None, after: str | None = None) -> None:
        self.works = works
        self.after = after
        self.installs: list[str] = []

    def run(
        self, command: Sequence[str], *, seconds: float, env: Mapping[str, str] | None = None
    ) -> Ended:
        del seconds, env
        if "--launch" in command:
            path = command[-1] or "/playwrights/chrome"
            launches = path == self.works and self._installed()
            return Ended(code=0, output=f"{path}\n") if launches else Ended(code=1)
        self.installs.append(" ".join(command[-3:]))
        return Ended(code=0)

    def _installed(self) -> bool:
        return self.after is None or any(self.after in command for command in self.installs)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "NAMES", [name for name in browser.NAMES if "/" not in name])
    return tmp_path


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)


def use(monkeypatch: pytest.MonkeyPatch, machine: Machine, *, root: bool = False) -> None:
    monkeypatch.setattr(browser, "run", machine.run)
    monkeypatch.setattr(process, "run", machine.run)
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)


def test_asks_the_variable_first_then_the_path_then_playwright(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ]
    put(bin_folder, *reversed(names))
    monkeypatch.setenv(browser.VARIABLE, "/asked/for")
    use(monkeypatch, Machine())
    assert list(browser.candidates()) == [
        "/asked/for",
        *(str(bin_folder / name) for name in names),
        "",
    ]


def test_a_browser_that_does_not_launch_is_passed_over(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bin_folder, "chromium", "google-chrome")
    chrome = str(bin_folder / "google-chrome")
    use(monkeypatch, Machine(works=chrome))
    assert browser.find() == chrome


@pytest.mark.parametrize("path", ["/bin/false", "/bin/true", "/no/such/browser"])
def test_a_program_that_is_no_browser_does_not_launch(path: str) -> None:
    assert browser.launched(path) is None


def test_the_browser_of_this_machine_launches() -> None:
    found = browser.find()
    assert found
    assert browser.launched(found) == found


@pytest.mark.usefixtures("bin_folder")
def test_installs_nothing_when_a_browser_launches(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(works="/playwrights/chrome")
    use(monkeypatch, machine, root=True)
    assert browser.ensure() == "/playwrights/chrome"
    assert machine.installs == []


@pytest.mark.usefixtures("bin_folder")
def test_installs_playwrights_own_first(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(works="/playwrights/chrome", after="playwright install")
    use(monkeypatch, machine, root=True)
    assert browser.ensure() == "/playwrights/chrome"
    assert machine.installs == ["playwright install chromium"]


def test_root_installs_debians_after_that(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bin_folder, "apt-get", "chromium-headless-shell")
    shell = str(bin_folder / "chromium-headless-shell")
    machine = Machine(works=shell, after="chromium-headless-shell")
    use(monkeypatch, machine, root=True)
    assert browser.ensure() == shell
    assert machine.installs == [
        "playwright install chromium",
        "apt-get update",
        "--no-install-recommends chromium-headless-shell fonts-liberation",
    ]


def test_others_than_root_leave_the_system_alone_and_learn_what_to_install(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bin_folder, "apt-get")
    machine = Machine()
    use(monkeypatch, machine)
    with pytest.raises(Missing, match="apt install chromium"):
        browser.ensure()
    assert machine.installs == ["playwright install chromium"]


def test_the_command_prints_the_path(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "ensure", lambda: "/usr/bin/chromium")
    browser.main([])
    assert capsys.readouterr().out == "/usr/bin/chromium\n"
