"""Runs of the clients' programs on faults."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2

from streamguide.files import CONTENT
from streamguide.guide.clients import Client, Result
from streamguide.guide.context import LOCAL_URL
from tools.clients.install import PYTHON
from tools.faults.cases import SCENARIO
from tools.faults.clients import Found, requests_of, whole_text
from tools.faults.running import Ran, run

# What the programs name, and a run has otherwise.
_BASE = f"{LOCAL_URL}/simulator/{SCENARIO}"
_KEY = re.compile(r"\bany\b")
_LIMIT = re.compile(r"\b300(?=\b|_000\b)")

# Longer than every client retries. A program that still runs then is an error of the measurement.
_SECONDS = 240.0
_LOOK_SECONDS = 0.1
# Prints the reason in a line that begins so, after the program.
_REASON = re.compile(r"^reason: (.*)\n", re.MULTILINE)
_PROBES = {
    ".py": '\nimport sys\nprint("reason:", {}, file=sys.stderr)\n',
    ".mjs": '\nconsole.error("reason:", await {});\n',
}
# What clients call the end of a whole answer.
_USUAL = ("end_turn", "stop")
# Node.js prints an error's own name, which may be another than its class.
_TELL_CLASS = "data:text/javascript," + quote(
    "process.on('uncaughtExceptionMonitor', (error) => console.error('raised: ' + "
    "(error instanceof DOMException ? error : error.constructor).name))"
)
_RAISED = {
    ".py": re.compile(r"^Traceback .*\n(?: .*\n)+(?P<class>[\w.]+)(?::|$)", re.MULTILINE),
    ".mjs": re.compile(r"^raised: (?P<class>\w+)$", re.MULTILINE),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A fault as in a path, and the client's own time limit in seconds if it is to meet it."""

    fault: str
    limit: int | None = None


CASES = (
    Case("none"),
    Case("error-event"),
    Case("drop"),
    Case("end-early"),
    Case("end-early;how=message_delta"),
    Case("garble"),
    Case("stall"),
    Case("stall", limit=3),
    Case("slow-first-token"),
    Case("status"),
    Case("status;code=429"),
)


class Runs:
    """Runs programs against the site at `url`, in files of a folder below their packages."""

    def __init__(self, url: str, folder: Path, node: str) -> None:
        self._url = url
        self._folder = folder
        self._node = node

    def one(self, client: Client, case: Case) -> Result:
        """A run. Raises RuntimeError for a program that does not end, or fails without a fault."""
        key = f"{client.name}-{CASES.index(case)}"
        ran = self._run(client, case, key)
        requests = self._requests(key)
        if ran.code is None or not requests:
            raise RuntimeError(f"{client.name} on {case.fault}: {ran}")
        last = requests[-1]
        seconds = last["at"] + last["after_ms"] / 1000 - requests[0]["at"]
        result = judge(client, case, ran, len(requests), seconds)
        if case.fault == "none" and (result.verdict != "whole" or result.aside):
            raise RuntimeError(f"{client.name} without a fault: {ran}")
        return result

    def _requests(self, key: str) -> list[Found]:
        """The journal's entries of a key, once the server has noticed that the program has left."""
        with httpx2.Client(base_url=self._url) as site:
            while True:
                requests = requests_of(site, key)
                if all(one["ended"] for one in requests):
                    return requests
                time.sleep(_LOOK_SECONDS)

    def _run(self, client: Client, case: Case, key: str) -> Ran:
        program = CONTENT / "clients" / client.program
        text = program.read_text(encoding="utf-8")
        text += _PROBES.get(program.suffix, "").format(client.reason)
        text = text.replace(_BASE, f"{self._url}/simulator/{SCENARIO}/{case.fault}")
        text = _KEY.sub(key, text)
        if case.limit is not None:
            text = _LIMIT.sub(str(case.limit), text)
        file = self._folder / f"{key}{program.suffix}"
        file.write_text(text, encoding="utf-8")
        command = {
            ".py": [str(PYTHON)],
            ".mjs": [self._node, "--import", _TELL_CLASS],
            ".sh": ["bash"],
        }[program.suffix]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            # Otherwise it asks the network for prices when it is imported.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        return run([*command, str(file)], self._folder, environment, _SECONDS)


def judge(client: Client, case: Case, ran: Ran, requests: int, seconds: float) -> Result:
    """What a run means. A program that reached its last line has raised nothing."""
    reason = _REASON.search(ran.err)
    return Result(
        case.fault,
        case.limit,
        raised=None if reason else _raised(client, ran),
        aside=_aside(client, ran.err[: reason.start()], reason[1]) if reason else None,
        requests=requests,
        characters=len(ran.out),
        complete=ran.out == whole_text(),
        seconds=round(seconds, 1),
    )


def _raised(client: Client, ran: Ran) -> str | None:
    pattern = _RAISED.get(Path(client.program).suffix)
    if pattern is None:
        return f"exit {ran.code}" if ran.code else None
    *_, last = pattern.finditer(ran.err)
    # Python names the module that has the class; readers import it from the package.
    package, _, name = last["class"].rpartition(".")
    return f"{package.partition('.')[0]}.{name}" if package else name


def _aside(client: Client, printed: str, reason: str) -> str | None:
    if client.aside and printed:
        return client.aside
    return None if reason in _USUAL else client.field
