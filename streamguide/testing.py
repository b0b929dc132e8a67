"""What the fixture `claude` is: the simulator as one test sees it. Only the standard library.

>>> claude.plays("hello").breaks("drop", at=9)
>>> claude.answers("Hello.", tool("get_time"), error("overloaded_error", "Overloaded"))
>>> claude.requests[-1].body["messages"]
"""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

_SECONDS = 30.0
# How long the end of a request is waited for, such as that of a client that has just left.
_SETTLE_SECONDS = 0.5
_LOOK_SECONDS = 0.01
# Names of parameters that Python cannot spell.
_SPELLED = {"from_": "from", "retry_after": "retry-after", "x_should_retry": "x-should-retry"}


class SimulatorRefused(ValueError):
    """The simulator cannot do this: the message says what was asked for, and what there is."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the program, and what became of its response, as in the simulator's journal.

    `path` is below the host. `headers` are those that describe the client, with small names. `body`
    is parsed JSON, or None where it has none or over 64 kB. `event` is the number of the last event
    that was sent. `ended` is None while the response goes on; times are in milliseconds, `gap_ms`
    since the request before.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    body_bytes: int
    status: int
    request_id: str
    event: int
    bytes_sent: int
    ended: Literal["complete", "left", "cut"] | None
    gap_ms: int | None
    first_byte_ms: int | None
    after_ms: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the requests show about a rule: `words` say what was seen, `threshold` what passes."""

    rule: str
    title: str
    threshold: str
    result: Literal["passed", "failed", "not met"]
    words: str
    requests: tuple[str, ...]


def tool(name: str, input: Mapping[str, Any] | None = None, *, text: str | None = None) -> Any:
    """An answer that calls a tool, after a text if there is one."""
    return _without_none({"tool": {"name": name, "input": dict(input or {})}, "text": text})


def error(type: str, message: str = "The test asked for this.", *, text: str | None = None) -> Any:
    """An HTTP error of the API's type, such as overloaded_error; after a text, an error event."""
    return _without_none({"error": {"type": type, "message": message}, "text": text})


class Claude:
    """One test's key at the simulator, and what its requests are answered with.

    Give `base_url` and `key` to clients that do not read the environment. All methods raise
    SimulatorRefused for what there is not.
    """

    def __init__(self, base_url: str, faults: Iterable[str] = ()) -> None:
        self.base_url = base_url
        self.key = f"test-{secrets.token_hex(16)}"
        self._path = urlsplit(base_url).path
        self._connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=_SECONDS)
        self._kept = tuple(faults)
        self._faults = self._kept
        self._answers: list[dict[str, Any]] = [{"scenario": "auto"}]
        self._paced = False
        self._put()

    def plays(self, *names: str, paced: bool = False) -> Self:
        """Answer with scenarios, recordings of the corpus (`corpus:plain`) or files of the folder of
        scenarios, in turn; the last one stays. `auto` lets the request decide.

        Everything is sent at once, or with `paced` at its own times. Faults of before are gone.
        """
        return self._set([{"scenario": name} for name in names], paced)

    def answers(self, *answers: Any, paced: bool = False) -> Self:
        """Answer with a text, `tool(…)`, `error(…)`, a message that was saved (as a mapping, or
        the SDK's object), or a mapping as PUT /simulator/answers takes it; several in turn.

        An answer that a fault broke is given again. The rest is as for `plays`.
        """
        return self._set([_answer(one) for one in answers], paced)

    def replays(self, *paths: str | PathLike[str], paced: bool = False) -> Self:
        """Answer with recordings of your own: NAME.sse, with its NAME.json if there is one, or
        NAME.jsonl. The rest is as for `plays`. Raises OSError."""
        return self._set([_recording(Path(path)) for path in paths], paced)

    def breaks(self, fault: str, **parameters: float | str) -> Self:
        """Let the answers meet a fault too, such as `breaks("drop", at=9, times=1)`.

        `from_`, `retry_after` and `x_should_retry` stand for the names that Python cannot spell.
        """
        values = (f";{_SPELLED.get(name, name)}={value}" for name, value in parameters.items())
        self._faults = (*self._faults, fault + "".join(values))
        return self._put()

    @property
    def requests(self) -> list[Request]:
        """The requests of this test, the newest last."""
        return [_request(one) for one in self._journal()]

    @property
    def verdicts(self) -> list[Verdict]:
        """A verdict on the program for each rule."""
        self._journal()
        found = self._call("GET", "verdicts.json")["verdicts"]
        return [Verdict(**{**one, "requests": tuple(one["requests"])}) for one in found]

    def verdict(self, *, complete: bool | None = None) -> None:
        """Raises AssertionError with the rules that the program broke.

        `complete` says whether the program took the last answer for complete.
        """
        __tracebackhide__ = True
        if complete is not None:
            self._journal()
            self._call("POST", "outcome", {"complete": complete})
        if words := self.complaints():
            raise AssertionError(words)

    def complaints(self) -> str:
        """The rules that the program broke, a line each; "" if it broke none."""
        broken = [one for one in self.verdicts if one.result == "failed"]
        lines = (f"{one.rule}: {one.title}. {one.words}" for one in broken)
        return "\n".join(("The program breaks rules.", *lines)) if broken else ""

    def close(self) -> None:
        """Close the connection to the simulator."""
        self._connection.close()

    def _set(self, answers: list[dict[str, Any]], paced: bool) -> Self:
        self._answers, self._paced, self._faults = answers, paced, self._kept
        return self._put()

    def _put(self) -> Self:
        faults = "+".join(self._faults)
        answers = [{**one, "faults": faults} if faults else one for one in self._answers]
        self._call("PUT", "answers", {"answers": answers, "paced": self._paced})
        return self

    def _journal(self) -> list[dict[str, Any]]:
        """The journal, once no response is open or none has ended for a while."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while True:
            found: list[dict[str, Any]] = self._call("GET", "journal.json")["requests"]
            if all(one["ended"] for one in found) or time.monotonic() > deadline:
                return found
            time.sleep(_LOOK_SECONDS)

    def _call(self, method: str, name: str, body: Any = None) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        headers = {"x-api-key": self.key, "content-type": "application/json"}
        try:
            status, found = self._send(method, f"{self._path}/{name}", sent, headers)
        except (ConnectionError, http.client.HTTPException):
            # The simulator closes a connection that was idle for half a minute.
            self._connection.close()
            status, found = self._send(method, f"{self._path}/{name}", sent, headers)
        if status != 200:
            raise SimulatorRefused(found["error"]["message"])
        return found

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Any]:
        self._connection.request(method, path, body, headers)
        with self._connection.getresponse() as response:
            return response.status, json.load(response)


def _answer(answer: Any) -> dict[str, Any]:
    if isinstance(answer, str):
        return {"text": answer}
    if (to_dict := getattr(answer, "to_dict", None)) is not None:
        # The SDK's Message.
        answer = to_dict()
    return {"message": dict(answer)} if "content" in answer else dict(answer)


def _recording(path: Path) -> dict[str, Any]:
    body = base64.b64encode(path.read_bytes()).decode()
    recording: dict[str, Any] = {"file": path.name, "body": body}
    about = path.with_suffix(".json")
    if path.suffix == ".sse" and about.exists():
        recording["about"] = json.loads(about.read_bytes())
    return {"recording": recording}


def _request(entry: Mapping[str, Any]) -> Request:
    known = {one.name: entry[one.name] for one in fields(Request)}
    return Request(**{**known, "body": _parsed(entry["body"])})


def _parsed(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None


def _without_none(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if value is not None}


class RealApi(OSError):
    """A program under test tried to reach the real API, and could not."""


class Guard:
    """Replaces functions of the module `socket`, so that nothing reaches the real API.

    `attempts` are the hosts that were asked for.
    """

    def __init__(self) -> None:
        self.attempts: list[str] = []

    def guarded(self, function: Callable[..., Any], host_of: Callable[[Any], Any]) -> Any:
        """The function, which raises RealApi if `host_of` its first argument is the API's."""

        def guarded(*arguments: Any, **named: Any) -> Any:
            host = host_of([*arguments, *named.values()][0])
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
            if f".{name.lower().rstrip('.')}".endswith(".anthropic.com"):
                self.attempts.append(name)
                raise RealApi(self.words(name))
            return function(*arguments, **named)

        return guarded

    def words(self, host: str) -> str:
        """What to do about it."""
        return (
            f"The test asked {host}, the real API; `claude` let nothing through. A client reads "
            "ANTHROPIC_BASE_URL when it is made: make it in the test or in a function that the test "
            "calls, not when its module is imported, or give it claude.base_url and claude.key."
        )
