"""The endpoint's answer to a request, without HTTP: path, headers and body in, plan out."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from werkzeug.http import parse_accept_header

from streamguide.models import Model, Models
from streamguide.protocol.refusal import Refusal, invalid
from streamguide.protocol.table import Table
from streamguide.recordings import CORPUS, CorpusRecording, Recording
from streamguide.scenarios.answer import Answer, make_answer
from streamguide.scenarios.frames import Frame
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.message import full_message
from streamguide.simulator import catalog, faults
from streamguide.simulator.adaptation import apply_request
from streamguide.simulator.answers import OwnAnswer, OwnAnswers, parse_answers
from streamguide.simulator.caching import PromptCache
from streamguide.simulator.directive import AUTO, Directive
from streamguide.simulator.headers import new_request_id
from streamguide.simulator.plan import JSON, Plan, json_plan, stream_plan, to_json
from streamguide.simulator.quotas import Quotas, tokens_used, with_headers
from streamguide.simulator.recorded import named, recorded_plan
from streamguide.simulator.request import MessagesRequest, find_model, parse, parse_count
from streamguide.simulator.selection import directive_of, input_tokens, select_scenario
from streamguide.turns import Pause, no_pause

# By the SDK's types a page of models has 20 if not asked otherwise, and at most 1,000.
_MODELS_A_PAGE = 20
_MOST_ECHOED = 100
_MOST_MODELS = 1000
_METHODS = {"messages": "POST", "messages/count_tokens": "POST", "models": "GET"}
# What clients ask for beside these, by the first part of its path.
_ELSEWHERE = {
    "batches": "batches",
    "chat": "chat completions",
    "complete": "text completions",
    "files": "files",
    "responses": "responses of another API",
    "skills": "skills",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a path under `/simulator/` names: what it plays, faults, and the API's own path."""

    scenario: Scenario | Recording | None
    faults: tuple[faults.FaultSpec, ...]
    api: str


_Specs = tuple[faults.FaultSpec, ...]
_AT_ONCE = faults.read("slow;factor=0")

# Gives the seed of one answer's ids.
Seeds = Callable[[Scenario], int]


def counted_seeds(start: int | None = None) -> Seeds:
    """Seeds that go up by one with every request, from `start` or from anywhere."""
    numbers = itertools.count(secrets.randbits(48) if start is None else start)
    return lambda scenario: next(numbers)


class Endpoint:
    """Answers requests. `models` gives the table as it stands, `seeds` decides the ids.

    `scenarios` and `own_recordings` are played by their names, `recordings` as `corpus:NAME`.
    """

    def __init__(
        self,
        table: Table,
        models: Callable[[], Models],
        scenarios: Mapping[str, Scenario],
        recordings: Mapping[str, CorpusRecording],
        seeds: Seeds,
        own_recordings: Mapping[str, Recording] = MappingProxyType({}),
    ) -> None:
        self._table = table
        self._models = models
        self._scenarios = scenarios
        self._recordings = recordings
        self._own_recordings = own_recordings
        self._seeds = seeds
        self._cache = PromptCache()
        self._own = OwnAnswers()
        self._quotas = Quotas()

    @property
    def never_retried(self) -> tuple[str, ...]:
        """The codes of errors that no retry gets past."""
        return self._table.never_retried

    def target(self, method: str, path: str) -> Target:
        """What `[<scenario>[/<fault>]]/v1/…` names. Raises Refusal."""
        before, version, api = f"/{path}".partition("/v1/")
        parts = [part for part in before.split("/") if part]
        known = api.split("/")[0] == "models" or api in _METHODS
        if not version or not known or len(parts) > 2:
            raise Refusal(404, "not_found_error", _what_to_set(path, api))
        scenario = self._scenario(parts[0]) if parts else None
        specs = _faults(parts[1]) if len(parts) > 1 else ()
        allowed = _METHODS.get(api, "GET")
        if method != allowed:
            raise Refusal(
                405,
                "invalid_request_error",
                f"{method} is not allowed here; use {allowed}",
                headers={"allow": f"{allowed}, OPTIONS"},
            )
        return Target(scenario, specs, api)

    def answer(
        self,
        target: Target,
        headers: Mapping[str, str],
        body: bytes,
        count: Callable[[str], int],
        pause: Pause = no_pause,
        key: str = "",
    ) -> tuple[Plan, str]:
        """The plan for a request to `messages`, and its request id. Raises Refusal.

        Where the path names no scenario or no fault, the last user message may. `count` gives the
        request's number for its key, its path and the faults of its message, from 1. `pause` is
        called between pieces of work. What is cached for `key` nobody else reads.
        """
        models = self._models()
        request = parse(body, headers, models, pause)
        model = find_model(request.model, models)
        directive = directive_of(request)
        pinned = target.scenario
        if pinned is None and directive.scenario is not None:
            pinned = self._recording(directive.scenario)
        is_free = pinned is None and directive.scenario is None
        own = self._own.next(key, request, pause) if is_free else None
        if own is not None:
            self._refuse(own, key)
            pinned = own.named
        chosen, counted_as = _chosen(target, directive, own)
        takes_gzip = parse_accept_header(headers.get("accept-encoding"))["gzip"] > 0

        def active(message: Callable[[], Any]) -> tuple[_Specs, Mapping[str, str]]:
            met = faults.active_faults(chosen, lambda: count(counted_as))
            return self._quotas.take(key, met, lambda: tokens_used(message()))

        try:
            if isinstance(pinned, Recording):
                if pinned.is_stream and not request.stream:
                    raise invalid(f'{pinned.path} is a stream: send "stream": true')
                met, left = active(pinned.message)
                plan, request_id = self._recorded(pinned, met, takes_gzip)
            else:
                made = own.scenario if own is not None else None
                scenario = made or select_scenario(
                    request, model, directive, self._scenarios, pinned, pause
                )
                answer = self._answer(scenario, request, model, key, pause)
                plan = stream_plan(answer) if request.stream else json_plan(answer, self._table)
                met, left = active(lambda: full_message(answer))
                plan = faults.apply_all(plan, met, answer, self._table, takes_gzip=takes_gzip)
                request_id = answer.request_id
        except faults.FaultError as error:
            raise invalid(str(error)) from error
        # A recording may end without its end.
        if own is not None and (
            plan.is_whole or (isinstance(pinned, Recording) and not own.faults)
        ):
            self._own.gave(key, own)
        return with_headers(plan, left), request_id

    def _answer(
        self, scenario: Scenario, request: MessagesRequest, model: Model, key: str, pause: Pause
    ) -> Answer:
        """The answer of a scenario to a request."""
        scenario = _with_input(scenario, request, model, pause)
        pause()
        cached = self._cache.use(request, key, pause)
        answer = make_answer(apply_request(scenario, request, model, cached), self._seeds(scenario))
        pause()
        return answer

    def _recorded(self, recording: Recording, active: _Specs, takes_gzip: bool) -> tuple[Plan, str]:
        request_id = new_request_id()
        plan = recorded_plan(
            recording, active, table=self._table, request_id=request_id, takes_gzip=takes_gzip
        )
        return plan, request_id

    def _refuse(self, own: OwnAnswer, key: str) -> None:
        """Raises the Refusal that a user's own answer is."""
        if own.refusal is not None:
            self._own.gave(key, own)
            raise own.refusal

    def put_answers(self, key: str, body: bytes) -> int:
        """Answer the requests of a key, given by its hash, with those of the body.

        Returns how many they are. Raises Refusal.
        """
        found = parse_answers(body, self._table, self._models(), self._scenario)
        self._own.put(key, found, len(body))
        return len(found)

    def forget_answers(self, key: str) -> None:
        """Answer the requests of a key, given by its hash, as those of any other."""
        self._own.forget(key)

    def count_tokens(
        self, headers: Mapping[str, str], body: bytes, pause: Pause = no_pause
    ) -> Plan:
        """The plan for a request to `messages/count_tokens`. Raises Refusal."""
        models = self._models()
        request = parse_count(body, headers, models, pause)
        model = find_model(request.model, models)
        return _json({"input_tokens": input_tokens(request, model, pause)})

    def models(self, api: str, query: Mapping[str, str]) -> Plan:
        """The plan for `models` and `models/<id>`. Raises Refusal."""
        _, _, id_ = api.partition("/")
        models = self._models()
        if id_:
            return _json(catalog.model_info(find_model(id_, models), id_))
        limit = query.get("limit", str(_MODELS_A_PAGE))
        if not re.fullmatch("[0-9]+", limit) or not 1 <= float(limit) <= _MOST_MODELS:
            raise invalid(f"limit: a number from 1 to {_MOST_MODELS}")
        after, before = query.get("after_id"), query.get("before_id")
        for name, cursor in (("after_id", after), ("before_id", before)):
            if cursor is not None and cursor not in models.available:
                raise invalid(f"{name}: not the id of a model in this list")
        return _json(catalog.model_page(models, after, before, int(float(limit))))

    def _recording(self, name: str) -> Recording | None:
        """The recording that `corpus:NAME`, or the name of a user's own one, names; None for
        another name. Raises Refusal."""
        recording = self._own_recordings.get(name) or named(name, self._recordings)
        if recording is None and name.startswith(CORPUS):
            message = f"No stream of the corpus is called {name[:_MOST_ECHOED]!r}."
            where = "/corpus/index.json lists them."
            raise Refusal(404, "not_found_error", f"{message} {where}")
        return recording

    def _scenario(self, name: str) -> Scenario | Recording | None:
        if name == AUTO:
            return None
        if (recording := self._recording(name)) is not None:
            return recording
        if name not in self._scenarios:
            known = ", ".join([*self._scenarios, *self._own_recordings, AUTO])
            message = (
                f"No scenario is called {name[:_MOST_ECHOED]!r}. There are: {known}, and the streams "
                "of the corpus, such as corpus:plain."
            )
            raise Refusal(404, "not_found_error", message)
        return self._scenarios[name]


def _chosen(target: Target, directive: Directive, own: OwnAnswer | None) -> tuple[_Specs, str]:
    """The faults of the path, of the message, or of a user's own answer, and under which name the
    requests that meet them are counted. Raises Refusal."""
    if target.faults:
        chosen, counted_as = target.faults, ""
    elif directive.faults or own is None:
        counted_as = directive.faults
        chosen = _faults(counted_as) if counted_as else ()
    else:
        chosen, counted_as = own.faults, own.counted_as
    if own is not None and not own.paced and all(one.fault.name != "slow" for one in chosen):
        chosen = (*_AT_ONCE, *chosen)
    return chosen, counted_as


def _with_input(
    scenario: Scenario, request: MessagesRequest, model: Model, pause: Pause
) -> Scenario:
    """The scenario, with the tokens of the request where it does not say how many they are."""
    if "input_tokens" in scenario.usage:
        return scenario
    counted = {"input_tokens": input_tokens(request, model, pause)}
    return replace(scenario, usage={**scenario.usage, **counted})


def _what_to_set(path: str, api: str) -> str:
    """What the client of such a path has to change. `api` is what stands below its `v1/`."""
    if f"/{path}".endswith(tuple(f"/v1/v1/{name}" for name in _METHODS)):
        return "Your client adds /v1 itself: its base URL must not end in /v1."
    if not api and f"/{path}".endswith(tuple(f"/{name}" for name in _METHODS)):
        return "Your client adds /messages, without /v1: its base URL has to end in /v1."
    there = "v1/messages, v1/messages/count_tokens and v1/models"
    if (name := api.removeprefix("messages/").split("/")[0]) in _ELSEWHERE:
        return f"The simulator has no {_ELSEWHERE[name]}: it has {there}."
    return (
        "There is nothing here. A base URL is /simulator[/<scenario>[/<fault>]]; "
        f"below it are {there}."
    )


def _faults(text: str) -> tuple[faults.FaultSpec, ...]:
    try:
        return faults.read(text)
    except faults.FaultError as error:
        raise invalid(str(error)) from error


def _json(value: object) -> Plan:
    return Plan((Frame(0, to_json(value)),), headers=dict(JSON))
