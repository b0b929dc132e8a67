"""Errors as pages, or as JSON for programs."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import ClientDisconnected, HTTPException, InternalServerError

from streamguide.protocol.refusal import Refusal, envelope
from streamguide.simulator.headers import new_request_id, response_headers
from streamguide.turns import Left
from streamguide.web.bodies import MOST_BYTES
from streamguide.web.simulator_api import CORS

_WORDS = {
    404: ("There is no page here", "Check the address, or start from one of these."),
    405: ("This page cannot be used that way", "The address exists, but not for this method."),
    408: (
        "The request took too long",
        "It did not arrive whole. Send it again, on a faster line if you can.",
    ),
    413: (
        "That is more than this page takes",
        f"A request here may have at most {MOST_BYTES // 1024} kB. Send a shorter one.",
    ),
    429: (
        "That is more than one visitor may ask for",
        "Wait a little, and try again; the retry-after header says how many seconds.",
    ),
    500: (
        "The site failed to make this page",
        "The fault is ours and was logged. Nothing of yours was lost; try again.",
    ),
}

_SIMULATOR = "/simulator/"
# The clients of these paths expect errors in the API's envelope.
_APIS = (_SIMULATOR, "/live/", "/record/")
_TYPES = {
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
}


def register(app: Flask, *, pages: bool = True) -> None:
    """Handle HTTP errors, and all exceptions that views raise. Without pages all errors are JSON."""

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> Response:
        # Headers such as Allow stay, and only the body is replaced.
        response = make_response(error.get_response())
        status = error.code or 500
        title, advice = _WORDS.get(status, (error.name, "Check the address and try again."))
        if not pages or _wants_json():
            found = _as_json(status, f"{title}. {advice}")
            response.set_data(jsonify(found).get_data())
            if request.path.startswith(_SIMULATOR):
                response.headers.update(CORS | response_headers(found["request_id"], status))
            response.content_type = "application/json"
        else:
            page = render_template("error.html", status=status, title=title, advice=advice)
            response.set_data(page)
            response.content_type = "text/html; charset=utf-8"
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(Left)
    def left(error: Left) -> Response:
        # The client disconnected, so nobody reads it.
        return Response(status=ClientDisconnected.code)

    @app.errorhandler(Exception)
    def crashed(error: Exception) -> Response:
        app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
        return failed(InternalServerError())


def _as_json(status: int, message: str) -> dict[str, Any]:
    if not request.path.startswith(_APIS):
        return {"error": {"status": status, "message": message}}
    type_ = _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
    return envelope(Refusal(status, type_, message), new_request_id())


def _wants_json() -> bool:
    path = request.path
    is_for_programs = path.endswith(".json") or path in ("/generator/code", "/healthz")
    return is_for_programs or path.startswith(_APIS)
