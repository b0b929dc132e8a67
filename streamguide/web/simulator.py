"""The simulator's endpoint: a scenario as a real HTTP stream, at its own pace."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from streamguide.library import Library
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.plan import plan
from streamguide.scenarios.script import script
from streamguide.simulator.pace import paced


def blueprint(library: Library, sleep: Callable[[float], object]) -> Blueprint:
    """The routes. `sleep` takes seconds."""
    views = Blueprint("simulator", __name__, url_prefix="/simulator")

    @views.post("/<name>/v1/messages")
    def messages(name: str) -> Response:
        scenario = library.scenarios.get(name)
        if scenario is None:
            return _unknown(name, library)
        answer = make_answer(scenario)
        return Response(
            paced(plan(script(answer)), sleep),
            content_type="text/event-stream; charset=utf-8",
            headers={
                "Cache-Control": "no-cache",
                "X-Accel-Buffering": "no",
                "request-id": answer.request_id,
            },
        )

    return views


def _unknown(name: str, library: Library) -> Response:
    known = ", ".join(library.scenarios)
    message = f"No scenario is called {name!r}. There are: {known}."
    response = jsonify(type="error", error={"type": "not_found_error", "message": message})
    response.status_code = 404
    return response
