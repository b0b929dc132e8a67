"""Judges a client by the recordings of the corpus: by what its program prints, and how it ends.

A program is run once for each recording, with an address and a key of its own in
`ANTHROPIC_BASE_URL` and `ANTHROPIC_API_KEY`. It asks for one message, prints the message's text, and
exits with 0 if it takes the message to be complete.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Literal

from streamguide.reading.rules import Rule
from streamguide.recordings import CORPUS, CorpusRecording
from streamguide.simulator_process import SimulatorFailed, running_simulator

_ASK_SECONDS = 30.0
_MOST_SHOWN = 40
_MOST_SAID = 300


class CannotRun(Exception):
    """The command, or the simulator that it needs, cannot be started. The message says why."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run. `code` is None for a program that was killed when its time was up; `out` and `err`
    are its output, and `requests` is how many of its requests the simulator received."""

    code: int | None
    out: str
    err: str
    seconds: float
    requests: int


# claim: an incomplete message is called complete; error: a complete one is not; text: it is another
# text; time: the program did not end; requests: it asked more than once; unasked: it never asked.
Kind = Literal["claim", "error", "text", "time", "requests", "unasked"]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What must hold and does not."""

    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class RecordingVerdict:
    """A recording, how the program ran on it, and what it did wrong; nothing if it passed."""

    recording: CorpusRecording
    ran: Ran
    complaints: tuple[Complaint, ...]

    def as_json(self) -> dict[str, Any]:
        """The case in the report."""
        return {
            "name": self.recording.name,
            "title": self.recording.title,
            "rules": self.recording.expected.rules,
            "complete": self.recording.expected.complete,
            "passed": not self.complaints,
            "complaints": [asdict(one) for one in self.complaints],
            "exit": self.ran.code,
            "text": self.ran.out,
            "said": _last_line(self.ran.err),
            "seconds": round(self.ran.seconds, 2),
            "requests": self.ran.requests,
        }


def chosen(
    names: Iterable[str], recordings: Mapping[str, CorpusRecording], rules: Mapping[str, Rule]
) -> list[CorpusRecording]:
    """The recordings with these names, or of these rules or areas; all without a name.

    Raises CannotRun for a name that is none of them.
    """
    wanted = set(names)
    known = {*recordings, *rules, *(rule.area for rule in rules.values())}
    if unknown := sorted(wanted - known):
        raise CannotRun(f"{unknown[0]!r} is neither a recording nor a rule or an area of rules")
    found = []
    for recording in recordings.values():
        about = {recording.name, *recording.expected.rules}
        about |= {rules[rule].area for rule in recording.expected.rules}
        if not wanted or about & wanted:
            found.append(recording)
    return found


def judge(recording: CorpusRecording, ran: Ran) -> tuple[Complaint, ...]:
    """What must hold and does not, in the order of its importance."""
    expected = recording.expected
    if ran.requests == 0:
        return (Complaint("unasked", "the simulator got no request with its key"),)
    found: list[Complaint] = []
    if ran.code is None:
        found.append(Complaint("time", f"it still ran after {ran.seconds:.0f} s"))
    elif "complete" not in expected.may_differ and (ran.code == 0) != expected.complete:
        kind: Kind = "error" if expected.complete else "claim"
        state = "complete" if expected.complete else "not complete"
        found.append(Complaint(kind, f"exit {ran.code} for a message that is {state}"))
    if "text" not in expected.may_differ:
        # Programs end their output with a line feed.
        shown = ran.out.removesuffix("\n")
        is_right = shown == expected.text if ran.code == 0 else expected.text.startswith(shown)
        if not is_right:
            words = f"it printed {_short(shown)} for {_short(expected.text)}"
            found.append(Complaint("text", words))
    if expected.complete and ran.requests > 1:
        words = f"{ran.requests} requests for an answer that was there"
        found.append(Complaint("requests", words))
    return tuple(found)


@contextlib.contextmanager
def simulator() -> Iterator[str]:
    """The base URL of a simulator in a process of its own. Raises CannotRun if it does not start."""
    try:
        with running_simulator() as base_url:
            yield base_url
    except SimulatorFailed as error:
        raise CannotRun(str(error).removesuffix(".")) from None


def run_all(
    base_url: str,
    command: Sequence[str],
    recordings: Sequence[CorpusRecording],
    seconds: float,
    jobs: int,
) -> Iterator[RecordingVerdict]:
    """Run the command on each recording, `jobs` at a time; verdicts come in their order.

    `base_url` is the simulator's, and `seconds` the time limit of a run. Raises CannotRun.
    """
    running: set[subprocess.Popen[bytes]] = set()

    def verdict(recording: CorpusRecording) -> RecordingVerdict:
        ran = _run(command, base_url, recording.name, seconds, running)
        return RecordingVerdict(recording, ran, judge(recording, ran))

    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(verdict, recordings)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                _kill(process)


def report(command: Sequence[str], verdicts: Sequence[RecordingVerdict]) -> dict[str, Any]:
    """The report of all verdicts, as JSON."""
    failed = sum(bool(one.complaints) for one in verdicts)
    return {
        "command": list(command),
        "passed": len(verdicts) - failed,
        "failed": failed,
        "cases": [one.as_json() for one in verdicts],
    }


def _run(
    command: Sequence[str],
    base_url: str,
    name: str,
    seconds: float,
    running: set[subprocess.Popen[bytes]],
) -> Ran:
    key = f"conform-{name}-{secrets.token_hex(8)}"
    environment = {
        **os.environ,
        "ANTHROPIC_BASE_URL": f"{base_url}/{CORPUS}{name}",
        "ANTHROPIC_API_KEY": key,
        # The simulator is on this machine, whatever proxy there is.
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    environment.pop("ANTHROPIC_AUTH_TOKEN", None)
    start = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise CannotRun(f"{command[0]}: {error.strerror}") from None
    running.add(process)
    with process:
        try:
            out, err = process.communicate(timeout=seconds)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            _kill(process)
            out, err = process.communicate()
            code = None
    running.discard(process)
    took = time.monotonic() - start
    texts = [text.decode(errors="replace") for text in (out, err)]
    return Ran(code, texts[0], texts[1], took, _requests(base_url, key))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and those that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _requests(base_url: str, key: str) -> int:
    request = urllib.request.Request(f"{base_url}/journal.json", headers={"x-api-key": key})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_ASK_SECONDS) as response:
        return len(json.load(response)["requests"])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:_MOST_SAID] if lines else ""


def _short(text: str) -> str:
    shown = json.dumps(text, ensure_ascii=False)
    return (
        shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}… ({len(text)} characters)"
    )
