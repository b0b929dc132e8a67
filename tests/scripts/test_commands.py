"""Finding curl and jq."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence

import pytest

from scripts import commands
from scripts.process import Ended


def only(*names: str) -> object:
    """A `which` that finds just these."""
    return lambda name: f"/usr/bin/{name}" if name in names else None


def test_nothing_is_installed_when_all_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", only("curl", "jq"))
    commands.ensure()


def test_root_installs_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    there = ["curl", "apt-get"]
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str], **_: object) -> Ended:
        ran.append(command)
        there.extend(command[3:])
        return Ended(0)

    monkeypatch.setattr(shutil, "which", lambda name: name if name in there else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(commands, "run", run)
    commands.ensure()
    assert ran == [("apt-get", "update"), ("apt-get", "install", "--yes", "jq")]


def test_others_than_root_learn_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", only("curl", "apt-get"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(commands.NoCommand, match=re.escape("jq (Debian, Ubuntu: apt install jq)")):
        commands.ensure()
