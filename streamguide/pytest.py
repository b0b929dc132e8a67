"""The pytest plugin: the fixture `claude`, and the mark `claude_faults`.

Until a test uses them it imports nothing but pytest and the standard library. The simulator is a
process of its own, one for each session.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

import pytest

from streamguide.simulator_process import SimulatorFailed, SimulatorProcess, command
from streamguide.testing import Claude, Guard

# The groups of faults, as `streamguide faults` has them.
GROUPS = ("before", "breaks", "pace", "order", "harmless")
_VERDICTS, _SCENARIOS = "streamguide_verdicts", "streamguide_scenarios"
_ALWAYS = "always"
# Other ways in which the SDKs are told who asks, and of whom.
_CREDENTIALS = (
    *("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "ANTHROPIC_PROFILE"),
    *("ANTHROPIC_IDENTITY_TOKEN", "ANTHROPIC_IDENTITY_TOKEN_FILE", "ANTHROPIC_FEDERATION_RULE_ID"),
)
_GUARD = pytest.StashKey[Guard]()
_SIMULATOR = pytest.StashKey[SimulatorProcess]()
# A test that has it as an argument; where a test gets it otherwise, the simulator starts later.
_USES_CLAUDE = re.compile(rb"def test\w*\([^)]*\bclaude\b")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings in pytest's own file."""
    about = f"{_ALWAYS}: a test with `claude` fails if its requests break a rule; or on demand"
    parser.addini(_VERDICTS, about, default="on demand")
    about = "a folder of your own scenarios, recordings and texts for `claude.plays`"
    parser.addini(_SCENARIOS, about, type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Check the settings, and document the mark."""
    verdicts = config.getini(_VERDICTS)
    if verdicts not in (_ALWAYS, "on demand"):
        raise pytest.UsageError(f"{_VERDICTS} is {verdicts!r}; it takes {_ALWAYS}, or on demand")
    config.addinivalue_line(
        "markers",
        "claude_faults(*names): run the test once for each fault of these groups "
        f"({', '.join(GROUPS)}), or for each of these faults, such as 'drop;at=9'",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a marked test once for each fault."""
    mark = metafunc.definition.get_closest_marker("claude_faults")
    if mark is None:
        return
    if "claude" not in metafunc.fixturenames:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: claude_faults needs `claude`")
    metafunc.parametrize("claude", _faults(mark.args), indirect=True)


@cache
def _faults(names: tuple[str, ...]) -> list[str]:
    if not set(names) & set(GROUPS):
        return list(names)
    # Asked of another process, because its packages stay out of this one.
    asked = command("faults", "--json", *(name for name in names if name in GROUPS))
    listed = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)["faults"]
    groups = {name: [one["name"] for one in listed if one["moment"] == name] for name in names}
    return [fault for name in names for fault in (groups[name] or [name])]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> None:
    """Start the simulator before a file that needs it is imported: both take a second or more."""
    if parent.config.option.collectonly or file_path.suffix != ".py":
        return
    if _USES_CLAUDE.search(file_path.read_bytes()):
        _simulator(parent.config)


def _simulator(config: pytest.Config) -> SimulatorProcess:
    """This session's simulator, which is started if it was not yet."""
    if _SIMULATOR not in config.stash:
        folders = config.getini(_SCENARIOS)
        arguments = ("--scenarios", str(folders[0])) if folders else ()
        config.stash[_SIMULATOR] = SimulatorProcess(*arguments)
    return config.stash[_SIMULATOR]


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the simulator."""
    if _SIMULATOR in config.stash:
        config.stash[_SIMULATOR].end()


@pytest.fixture(scope="session")
def claude_simulator(request: pytest.FixtureRequest) -> str:
    """The base URL of this session's simulator. It ends with the session, also if that is killed."""
    try:
        return _simulator(request.config).base_url()
    except SimulatorFailed as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def claude(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, claude_simulator: str
) -> Iterator[Claude]:
    """The simulator instead of Claude, with a key of this test's own, in the environment.

    Without more, the request decides the answer, and all of it is sent at once. During the test no
    connection to the real API is made, and none through a proxy.
    """
    found = Claude(claude_simulator, [request.param] if hasattr(request, "param") else ())
    monkeypatch.setenv("ANTHROPIC_BASE_URL", found.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", found.key)
    for name in _CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "*")
    guard = request.node.stash[_GUARD] = Guard()
    resolve, connect = socket.getaddrinfo, socket.create_connection
    monkeypatch.setattr(socket, "getaddrinfo", guard.guarded(resolve, lambda host: host))
    monkeypatch.setattr(
        socket, "create_connection", guard.guarded(connect, lambda address: address[0])
    )
    yield found
    found.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """After a test that passed: nothing asked for the real API, and rules hold if they always do."""
    yield
    guard = item.stash.get(_GUARD, None)
    if guard is None:
        return
    if guard.attempts:
        pytest.fail(guard.words(guard.attempts[-1]), pytrace=False)
    claude: Claude = item.funcargs["claude"]  # type: ignore[attr-defined]
    if item.config.getini(_VERDICTS) == _ALWAYS and (words := claude.complaints()):
        pytest.fail(words, pytrace=False)
