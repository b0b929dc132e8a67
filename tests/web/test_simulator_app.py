"""The simulator without the site around it."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from streamguide.library import Daily, load_library
from streamguide.settings import Settings
from streamguide.web.simulator_app import build
from tests.unpaced import as_written, at_once, before_any_end

HEADERS = {"x-api-key": "mine", "anthropic-version": "2026-10-21"}
BODY = {
    "model": "claude-opus-5-5",
    "max_tokens": 500,
    "stream": True,
    "messages": [{"role": "user", "content": "Hi"}],
}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    library = Daily(load_library(), before_any_end)
    return build(Settings(), library, at_once, as_written).test_client(use_cookies=False)


def test_it_plays_and_keeps_a_journal(client: FlaskClient) -> None:
    played = client.post("/simulator/hello/v1/messages", json=BODY, headers=HEADERS)
    assert "message_stop" in played.text
    journal = client.get("/simulator/journal.json", headers=HEADERS)
    assert [one["ended"] for one in json.loads(journal.text)["requests"]] == ["complete"]


def test_it_plays_the_corpus_and_lists_what_there_is(client: FlaskClient) -> None:
    played = client.post("/simulator/corpus:plain/v1/messages", json=BODY, headers=HEADERS)
    assert "message_stop" in played.text
    assert "hello" in client.get("/simulator/index.json").text
    assert json.loads(client.get("/healthz").text)["status"] == "ok"


@pytest.mark.parametrize("path", ["/", "/guide", "/demo"])
def test_it_has_no_pages_and_says_so_in_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert json.loads(answer.text)["error"]["status"] == 404
