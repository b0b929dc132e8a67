"""Answers of a user's own: what the simulator says to the requests of a key.

>>> store.put(hashed("my key"), parse_answers(b'{"answers": [{"text": "Hello."}]}', table, models))
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from streamguide.content_file import ContentError
from streamguide.models import Models
from streamguide.protocol.refusal import Refusal, invalid
from streamguide.protocol.table import Table
from streamguide.recordings import Recording
from streamguide.scenarios.load import Scenario, own_scenario
from streamguide.simulator import faults
from streamguide.simulator.faults import FaultSpec
from streamguide.simulator.own_recordings import described, of_lines, undescribed
from streamguide.simulator.request import MessagesRequest
from streamguide.turns import Pause, no_pause
from streamguide.validation import validate

MOST_ANSWERS = 100
MOST_KEYS = 1000
MOST_TOTAL_BYTES = 32 * 1024 * 1024
# Of a body from this machine, which may hold a recording in base64.
MOST_LOCAL_BYTES = 6 * 1024 * 1024
MOST_SECONDS = 3600
# Where `when` looks for its text. A message can have 32 MB, and a key can have many answers.
MOST_SEARCHED = 200_000
# Keys that pages print: many people use them at a time.
SHARED_KEYS = ("any", "any-key")

# Of these an answer has one.
_KINDS = ("text", "tool", "message", "error", "scenario", "recording")

_Words = Annotated[str, Field(min_length=1, max_length=1000)]


class _AnswerPart(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class When(_AnswerPart):
    """The requests that an answer is for. All that is given has to be so.

    `text` stands in the first 200,000 characters of the last user message, `tool` is offered,
    `model` is asked, and `turn` is the number of user messages that are no tool results.
    """

    text: _Words | None = None
    tool: _Words | None = None
    model: _Words | None = None
    turn: int | None = Field(default=None, ge=1)

    def fits(self, request: MessagesRequest, asked: _Asked) -> bool:
        """Whether it is for this request."""
        return (
            (self.text is None or self.text in asked.text)
            and (self.tool is None or self.tool in asked.tools)
            and (self.model is None or self.model == request.model)
            and (self.turn is None or self.turn == asked.turn)
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `When` looks at in a request: it is read once, whatever the number of answers."""

    text: str
    tools: frozenset[str]
    turn: int


def _asked(request: MessagesRequest, pause: Pause) -> _Asked:
    last, turn = None, 0
    for message in request.messages:
        pause()
        if message.role == "user":
            last = message
            turn += not message.results
    text = last.text[:MOST_SEARCHED] if last else ""
    return _Asked(text, frozenset(tool.name for tool in request.tools or []), turn)


class _AnswerCall(_AnswerPart):
    name: str = Field(pattern="^[a-zA-Z0-9_-]{1,128}$")
    input: dict[str, Any] = {}


class _AnswerMessage(BaseModel):
    # The API's message has more fields: its id and model are the request's own.
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    content: list[dict[str, Any]] = Field(min_length=1, max_length=100)
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: dict[str, Any] = {}


class _AnswerError(_AnswerPart):
    # Alone it is an HTTP error; after a text it ends the stream.
    type: _Words
    message: _Words


class _AnswerRecording(_AnswerPart):
    # The file's bytes, and for a stream its description, as in a folder of recordings.
    file: str = Field(pattern=r"^[^/\\\s]{1,200}\.(sse|jsonl)$")
    body: Base64Bytes = Field(strict=False)
    about: dict[str, Any] | None = None


class _Given(_AnswerPart):
    scenario: _Words | None = None
    recording: _AnswerRecording | None = None
    text: str | None = Field(default=None, min_length=1)
    tool: _AnswerCall | None = None
    message: _AnswerMessage | None = None
    error: _AnswerError | None = None
    stop_reason: str | None = None
    characters_per_second: int | None = Field(default=None, ge=1, le=100_000)
    faults: str = ""
    when: When | None = None


class _AnswersBody(_AnswerPart):
    answers: list[_Given] = Field(min_length=1, max_length=MOST_ANSWERS, fail_fast=True)
    # Without a pace everything is sent at once, as far as faults let it.
    paced: bool = True


_TAKEN = (
    f"It takes {', '.join(_AnswersBody.model_fields)}; an answer takes "
    f"{', '.join(_Given.model_fields)}; when takes {', '.join(When.model_fields)}."
)


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """What is said to the requests that `when` describes, with faults, at its pace or at once.

    `scenario` is made of the answer, or `refusal` is the error in its place. Otherwise `named` is
    what a base URL would name: a scenario, a recording, or None where the request decides.
    Requests that meet `faults` are counted under `counted_as`, which no other answer has.
    """

    scenario: Scenario | None = None
    refusal: Refusal | None = None
    named: Scenario | Recording | None = None
    when: When | None = None
    faults: tuple[FaultSpec, ...] = ()
    paced: bool = True
    counted_as: str = ""


# Finds what a base URL names. Raises Refusal, which lists what there is.
Find = Callable[[str], Scenario | Recording | None]


def parse_answers(body: bytes, table: Table, models: Models, find: Find) -> tuple[OwnAnswer, ...]:
    """The answers of a body of JSON. Raises Refusal, which lists what there is."""
    try:
        found = validate(_AnswersBody, body)
    except Refusal as refusal:
        raise invalid(f"{refusal.message}. {_TAKEN}") from None
    return tuple(
        replace(
            _answer(f"answers.{place}", given, table, models, find),
            when=given.when,
            faults=_faults(f"answers.{place}", given.faults),
            paced=found.paced,
        )
        for place, given in enumerate(found.answers)
    )


def _faults(place: str, text: str) -> tuple[FaultSpec, ...]:
    try:
        return faults.read(text) if text else ()
    except faults.FaultError as error:
        raise invalid(f"{place}.faults: {error}") from None


def _recording(place: str, given: _AnswerRecording) -> Recording:
    name, _, kind = given.file.rpartition(".")
    try:
        if kind == "jsonl":
            return of_lines(name, given.body.decode())
        if given.about is None:
            return undescribed(name, given.body)
        return described(name, given.body, json.dumps(given.about).encode())
    except (ContentError, UnicodeDecodeError) as error:
        raise invalid(f"{place}.recording: {error}") from None


def _answer(place: str, given: _Given, table: Table, models: Models, find: Find) -> OwnAnswer:
    said = {name for name in _KINDS if getattr(given, name)}
    if not said or (len(said) > 1 and said not in ({"text", "tool"}, {"text", "error"})):
        raise invalid(
            f"{place}: takes one of {', '.join(_KINDS)}; a tool or an error can follow a text"
        )
    if given.scenario is not None:
        return OwnAnswer(named=find(given.scenario))
    if given.recording is not None:
        return OwnAnswer(named=_recording(place, given.recording))
    error = given.error
    if error is not None and given.text is None:
        if error.type not in table.errors:
            raise invalid(f"{place}.error.type: one of {', '.join(table.errors)}")
        status = table.errors[error.type].status or 500
        return OwnAnswer(refusal=Refusal(status, error.type, error.message))
    try:
        scenario = own_scenario(f"own-{place}", _values(given), table, models)
    except ContentError as problem:
        raise invalid(f"{place}: {problem}") from None
    return OwnAnswer(scenario)


def _values(given: _Given) -> dict[str, Any]:
    """The answer as a scenario's file has it."""
    blocks: list[dict[str, Any]] = []
    usage: Mapping[str, Any] = {}
    end: dict[str, Any] = {}
    if given.message is not None:
        blocks = [_block(content) for content in given.message.content]
        usage = given.message.usage
        reason = given.stop_reason or given.message.stop_reason
        if given.message.stop_sequence is not None:
            end["stop_sequence"] = given.message.stop_sequence
    else:
        reason = given.stop_reason
        if given.text is not None:
            blocks.append({"type": "text", "text": given.text})
        if given.tool is not None:
            call = {"type": "tool_use", "name": given.tool.name, "input": given.tool.input}
            blocks.append({**call, "label": "call"})
    calls = any(block.get("type") == "tool_use" for block in blocks)
    values: dict[str, Any] = {
        "usage": {name: count for name, count in usage.items() if name != "output_tokens"},
        "blocks": blocks,
    }
    if given.characters_per_second is not None:
        values["timing"] = {"characters_per_second": given.characters_per_second}
    if given.error is not None:
        return {**values, "error": {"type": given.error.type, "message": given.error.message}}
    end["stop_reason"] = reason or ("tool_use" if calls else "end_turn")
    if "output_tokens" in usage:
        end["usage"] = {"output_tokens": usage["output_tokens"]}
    return {**values, "end": end}


def _block(content: Mapping[str, Any]) -> dict[str, Any]:
    """A saved block as a scenario's file has it: an id is drawn anew, and its old one is a label."""
    block = {name: value for name, value in content.items() if value is not None}
    if "input" in block and "id" in block:
        block["label"] = str(block.pop("id"))
    return block


@dataclass(slots=True)
class _Kept:
    answers: tuple[OwnAnswer, ...]
    size: int
    at: float
    # How many of those without `when` were given.
    given: int = 0

    def next(self, request: MessagesRequest, pause: Pause) -> OwnAnswer | None:
        """The answer to a request: the first that is for it, or the next in turn."""
        in_turn = [answer for answer in self.answers if answer.when is None]
        if len(in_turn) < len(self.answers):
            asked = _asked(request, pause)
            for answer in self.answers:
                if answer.when is not None and answer.when.fits(request, asked):
                    return answer
        return in_turn[min(self.given, len(in_turn) - 1)] if in_turn else None


@dataclass(slots=True)
class OwnAnswers:
    """The answers of each key, which is given by its hash, within limits of keys, bytes and seconds.

    `clock` is monotonic.
    """

    clock: Callable[[], float] = time.monotonic
    _keys: OrderedDict[str, _Kept] = field(default_factory=OrderedDict)
    _puts: int = 0

    def put(self, name: str, answers: Sequence[OwnAnswer], size: int) -> None:
        """Keep the answers of a key instead of those it has. `size` is in bytes."""
        self._keys.pop(name, None)
        self._puts += 1
        named = (
            replace(one, counted_as=f"answers {self._puts}.{place}")
            for place, one in enumerate(answers)
        )
        self._keys[name] = _Kept(tuple(named), size, self.clock())
        while (
            len(self._keys) > MOST_KEYS
            or sum(kept.size for kept in self._keys.values()) > MOST_TOTAL_BYTES
        ):
            self._keys.popitem(last=False)

    def forget(self, name: str) -> None:
        """Drop the answers of a key."""
        self._keys.pop(name, None)

    def next(
        self, name: str, request: MessagesRequest, pause: Pause = no_pause
    ) -> OwnAnswer | None:
        """The own answer to a request of a key; None where it has none.

        The last of those in turn stays.
        """
        kept = self._keys.get(name)
        if kept is None:
            return None
        if self.clock() - kept.at > MOST_SECONDS:
            del self._keys[name]
            return None
        kept.at = self.clock()
        self._keys.move_to_end(name)
        return kept.next(request, pause)

    def gave(self, name: str, answer: OwnAnswer) -> None:
        """An answer was given whole: the next one has its turn."""
        kept = self._keys.get(name)
        if kept is not None and answer.when is None:
            kept.given += 1
