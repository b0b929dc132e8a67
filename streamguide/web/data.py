"""JSON for the pages' scripts, and `/healthz`."""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response

from streamguide import __version__
from streamguide.content import Content, Today
from streamguide.guide.search import index
from streamguide.protocol.table import Table
from streamguide.recordings import CORPUS, CorpusRecording
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.frames import to_frames
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.script import script
from streamguide.simulator import faults
from streamguide.simulator.plan import Plan, stream_plan
from streamguide.simulator.recorded import named, recorded_plan
from streamguide.turns import Turns
from streamguide.web.response_cache import CachedResponse, ResponseCache, precompress, respond

# About one frame of a screen.
_SEEN_MS = 16


def blueprint(today: Today, turns: Turns) -> Blueprint:
    """The routes."""
    views = Blueprint("data", __name__)
    cache = ResponseCache(today)

    @views.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok", version=__version__)

    @views.get("/protocol.json")
    def protocol() -> Response:
        return cache.serve("protocol", lambda: _json(today().table.as_json()))

    def source(name: str) -> Scenario | CorpusRecording:
        content = today()
        found = named(name, content.recordings) or content.scenarios.get(name)
        if found is None:
            abort(404)
        return found

    @views.get("/demo/plans/<name>.json")
    def demo_plan(name: str) -> Response:
        played = source(name)
        if isinstance(played, Scenario):
            return cache.serve(name, lambda: _json(plan_as_json(played)))
        return cache.serve(name, lambda: _json(recording_as_json(today(), played)))

    @views.get("/demo/plans/<name>/<fault>.json")
    def faulty_plan(name: str, fault: str) -> Response:
        played = source(name)
        with turns.take() as pause:
            try:
                chosen = faults.read(fault)
                if isinstance(played, Scenario):
                    found = faulty_plan_as_json(today().table, played, chosen)
                else:
                    found = recording_as_json(today(), played, chosen)
            except faults.FaultError as error:
                return make_response(jsonify(error={"status": 400, "message": str(error)}), 400)
            pause()
            # Not cached: the parameters take any number.
            return respond(_json(found))

    @views.get("/guide/search.json")
    def search() -> Response:
        content = today()
        return cache.serve(
            "search",
            lambda: _json(index(content.pages.values(), content.scenarios, content.search)),
        )

    return views


def plan_as_json(scenario: Scenario) -> dict[str, Any]:
    """A scenario for the demo's player: `frames` are pairs of milliseconds and text."""
    frames = to_frames(script(make_answer(scenario)))
    return _about(scenario) | {"frames": [[frame.at, frame.data.decode()] for frame in frames]}


def faulty_plan_as_json(
    table: Table, scenario: Scenario, chosen: Iterable[faults.FaultSpec]
) -> dict[str, Any]:
    """The same after faults, with the status, headers and end of the response.

    A fault that only the first requests meet is met here. Raises FaultError.
    """
    answer = make_answer(scenario)
    faulty = faults.apply_all(stream_plan(answer), chosen, answer, table)
    return _about(scenario) | _response(faulty)


def recording_as_json(
    content: Content, recording: CorpusRecording, chosen: Iterable[faults.FaultSpec] = ()
) -> dict[str, Any]:
    """A recording of the corpus in the same form, perhaps after faults. Raises FaultError."""
    model = (recording.message() or {}).get("model")
    ratios = content.models.characters_per_token
    return {
        "scenario": f"{CORPUS}{recording.name}",
        "title": recording.title,
        "summary": recording.summary,
        "prompt": "",
        "charactersPerToken": ratios.get(str(model), ratios[""]),
        **_response(recorded_plan(recording, chosen, table=content.table)),
    }


def _response(plan: Plan) -> dict[str, Any]:
    return {
        "frames": _texts(plan),
        "status": plan.status,
        "contentType": plan.headers.get("content-type", ""),
        "framing": plan.framing,
        "end": plan.end,
    }


def _about(scenario: Scenario) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "summary": scenario.summary,
        "prompt": scenario.prompt,
        "charactersPerToken": scenario.characters_per_token,
    }


def _texts(faulty: Plan) -> list[tuple[int, str]]:
    """Milliseconds and text. The bytes of a cut character wait for the rest of it, and pieces
    of an event for each other where nobody could see them apart."""
    decoder = getincrementaldecoder("utf-8")()
    texts: list[tuple[int, str]] = []
    held = ""
    for frame, following in zip_longest(faulty.frames, faulty.frames[1:]):
        held += decoder.decode(frame.data)
        if frame.event or following is None or following.at - frame.at >= _SEEN_MS:
            texts.append((frame.at, held))
            held = ""
    return texts


def _json(value: Any) -> CachedResponse:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return precompress(body, "application/json")
