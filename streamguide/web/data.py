"""JSON for the page's own scripts, and for whoever checks that the site is up."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, jsonify

from streamguide import __version__
from streamguide.guide.search import sections
from streamguide.library import Library
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.plan import plan
from streamguide.scenarios.script import script
from streamguide.web.shelf import Shelf, Stored, store


def blueprint(library: Library) -> Blueprint:
    """The routes."""
    views = Blueprint("data", __name__)
    shelf = Shelf()

    @views.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok", version=__version__)

    @views.get("/protocol.json")
    def protocol() -> Response:
        return shelf.serve("protocol", lambda: _json(library.table.as_json()))

    @views.get("/demo/plans/<name>.json")
    def demo_plan(name: str) -> Response:
        scenario = library.scenarios.get(name)
        if scenario is None:
            abort(404)
        return shelf.serve(name, lambda: _json(plan_as_json(scenario)))

    @views.get("/guide/search.json")
    def search() -> Response:
        pages = library.pages.values()
        return shelf.serve("search", lambda: _json([asdict(one) for one in sections(pages)]))

    return views


def plan_as_json(scenario: Scenario) -> dict[str, Any]:
    """A scenario for the demo's player: `frames` are pairs of milliseconds and text."""
    frames = plan(script(make_answer(scenario)))
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "summary": scenario.summary,
        "prompt": scenario.prompt,
        "charactersPerToken": scenario.characters_per_token,
        "frames": [[frame.at, frame.data.decode()] for frame in frames],
    }


def _json(value: Any) -> Stored:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return store(body, "application/json")
