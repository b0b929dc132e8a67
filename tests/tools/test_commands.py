"""Finding the programs that tests run, and installing them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence

import pytest

from tools import commands, process
from tools.process import Ended, Missing


def only(*names: str) -> object:
    """A `which` that finds just these."""
    return lambda name: f"/usr/bin/{name}" if name in names else None


def test_nothing_is_installed_when_all_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", only(*commands.NEEDED))
    commands.ensure()


def test_root_installs_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    there = ["curl", "openssl", "apt-get"]
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str], **_: object) -> Ended:
        ran.append(command)
        there.extend(command[3:])
        return Ended(0)

    monkeypatch.setattr(shutil, "which", lambda name: name if name in there else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(process, "run", run)
    commands.ensure()
    assert [command[:2] for command in ran] == [("apt-get", "update"), ("apt-get", "install")]
    assert ran[-1][-2:] == ("jq", "redis-server")


def test_others_than_root_learn_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", only("curl", "openssl", "apt-get"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    said = "jq and redis-server (Debian, Ubuntu: apt install jq redis-server)"
    with pytest.raises(Missing, match=re.escape(said)):
        commands.ensure()


def test_a_package_that_does_not_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", only("curl", "jq", "openssl", "apt-get"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(process, "run", lambda *_, **__: Ended(100))
    with pytest.raises(Missing, match="redis-server"):
        commands.ensure()
