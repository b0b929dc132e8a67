"""The simulator's endpoint."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from scripts.goldens import FOLDER
from streamguide.library import load_library

NAMES = list(load_library().scenarios)


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_streamed_with_its_golden_bytes(client: FlaskClient, name: str) -> None:
    response = client.post(f"/simulator/{name}/v1/messages", json={"stream": True})
    assert response.status_code == 200
    assert response.data == (FOLDER / f"{name}.sse").read_bytes()


def test_a_stream_has_the_headers_of_claudes(client: FlaskClient) -> None:
    headers = client.post("/simulator/hello/v1/messages").headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["request-id"].startswith("req_")
    assert "Content-Length" not in headers


def test_an_unknown_scenario_is_a_404_in_the_apis_envelope(client: FlaskClient) -> None:
    response = client.post("/simulator/nothing/v1/messages")
    assert response.status_code == 404
    assert response.json == {
        "type": "error",
        "error": {
            "type": "not_found_error",
            "message": f"No scenario is called 'nothing'. There are: {', '.join(NAMES)}.",
        },
    }
