"""The simulator over HTTP."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app import create_app
from streamguide.connection import Cut
from streamguide.content import load_content
from streamguide.settings import Settings
from streamguide.web import simulator_api as module
from tests.unpaced import as_written, at_once, before_any_end
from tools.goldens import FOLDER

SITE = load_content()
NAMES = list(SITE.scenarios)
KEY = "sk-ant-a-secret"
HEADERS = {"authorization": f"Bearer {KEY}", "anthropic-version": "2026-10-21"}


def body(**changes: Any) -> dict[str, Any]:
    """A request that is right, with changes; None leaves a field out."""
    whole = {
        "model": "claude-opus-5-5",
        "max_tokens": 20_000,
        "stream": True,
        "messages": [{"role": "user", "content": "Hello"}],
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def post(client: FlaskClient, path: str = "hello", **changes: Any) -> TestResponse:
    slash = "/" if path else ""
    return client.post(
        f"/simulator/{path}{slash}v1/messages",
        json=body(**changes),
        headers=HEADERS,
        buffered=True,
    )


def refusal(response: TestResponse) -> tuple[int, str, str]:
    """Status, type and message of an error, whose envelope and id are checked."""
    found = response.json
    assert found is not None
    assert found.keys() == {"type", "error", "request_id"}
    assert found["type"] == "error"
    assert found["request_id"] == response.headers["request-id"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return response.status_code, found["error"]["type"], found["error"]["message"]


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_streamed_with_its_golden_bytes(client: FlaskClient, name: str) -> None:
    response = post(client, name, model=SITE.scenarios[name].model)
    assert response.status_code == 200
    assert response.data == (FOLDER / f"{name}.sse").read_bytes()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "overloaded"])
def test_without_stream_it_is_the_same_message(client: FlaskClient, name: str) -> None:
    response = post(client, name, model=SITE.scenarios[name].model, stream=None)
    assert response.content_type == "application/json"
    assert response.json == json.loads((FOLDER / f"{name}.json").read_bytes())


@pytest.mark.parametrize("name", SITE.recordings)
def test_a_recording_is_played_as_it_is_stored(client: FlaskClient, name: str) -> None:
    recording = SITE.recordings[name]
    path = f"/simulator/corpus:{name}/v1/messages"
    response = client.post(path, json=body(), headers=HEADERS)
    try:
        received = b"".join(response.iter_encoded())
    except Cut:
        assert recording.response.end != "whole"
        received = recording.body
    assert received == recording.body
    assert response.status_code == recording.response.status
    assert recording.response.headers.items() <= dict(response.headers.to_wsgi_list()).items()


def test_a_message_can_name_a_recording_and_faults(client: FlaskClient) -> None:
    named = [{"role": "user", "content": "simulate: corpus:comments/end-early"}]
    response = post(client, "", messages=named)
    whole = SITE.recordings["comments"].body
    assert response.data
    assert whole.startswith(response.data)
    assert not response.data.endswith(b'"message_stop"}\n\n')


@pytest.mark.parametrize(
    ("path", "changes", "status", "message"),
    [
        ("corpus:nothing", {}, 404, "No stream of the corpus is called 'corpus:nothing'. /corp"),
        ("corpus:plain", {"stream": False}, 400, 'corpus:plain is a stream: send "stream": true'),
        ("corpus:html-200/bom", {}, 400, "bom changes the events of a stream, and corpus:html-200"),
        ("corpus:error-first/not-sse", {}, 400, "corpus:error-first has no message to send in one"),
        ("corpus:plain", {"max_tokens": None}, 400, "max_tokens: Field required"),
    ],
)
def test_what_a_recording_cannot_do_is_refused(
    client: FlaskClient, path: str, changes: dict[str, Any], status: int, message: str
) -> None:
    found, _, told = refusal(post(client, path, **changes))
    assert found == status
    assert told.startswith(message)


def test_a_stream_that_ends_in_an_error_is_an_http_error_without_stream(
    client: FlaskClient,
) -> None:
    response = post(client, "overloaded", stream=False)
    assert refusal(response) == (529, "overloaded_error", "Overloaded")


def test_a_stream_has_the_headers_of_claudes(client: FlaskClient) -> None:
    headers = post(client).headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["request-id"].startswith("req_")
    assert headers["anthropic-organization-id"]
    for name in ("requests", "tokens", "input-tokens", "output-tokens"):
        limit = int(headers[f"anthropic-ratelimit-{name}-limit"])
        assert 0 < int(headers[f"anthropic-ratelimit-{name}-remaining"]) <= limit
        assert headers[f"anthropic-ratelimit-{name}-reset"].endswith("Z")
    assert "Content-Length" not in headers


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("messages", "has to end in /v1."),
        ("hello/drop/messages", "has to end in /v1."),
        ("messages/count_tokens", "has to end in /v1."),
        ("v1/v1/messages", "must not end in /v1."),
        ("hello/v1/v1/messages", "must not end in /v1."),
        ("v1/files", "The simulator has no files: "),
        ("v1/messages/batches", "The simulator has no batches: "),
        ("v1/skills/skill_1", "The simulator has no skills: "),
        ("v1/chat/completions", "The simulator has no chat completions: "),
    ],
)
def test_a_client_is_told_what_to_set_or_what_there_is_not(
    client: FlaskClient, path: str, message: str
) -> None:
    status, type_, text = refusal(client.post(f"/simulator/{path}", json={}, headers=HEADERS))
    assert (status, type_) == (404, "not_found_error")
    assert message in text


def test_an_unknown_scenario_is_a_404_in_the_apis_envelope(client: FlaskClient) -> None:
    status, type_, message = refusal(post(client, "nothing"))
    assert (status, type_) == (404, "not_found_error")
    assert message == (
        f"No scenario is called 'nothing'. There are: {', '.join(NAMES)}, auto, and the streams of "
        "the corpus, such as corpus:plain."
    )


@pytest.mark.parametrize("path", ["x", "x/y/z/v1/messages", "v1/complete", "hello/v1/"])
def test_an_unknown_path_is_a_404_that_says_what_there_is(client: FlaskClient, path: str) -> None:
    status, type_, message = refusal(client.get(f"/simulator/{path}", headers=HEADERS))
    assert (status, type_) == (404, "not_found_error")
    assert "v1/messages" in message


def test_a_wrong_method_is_a_405_that_names_the_right_one(client: FlaskClient) -> None:
    response = client.get("/simulator/hello/v1/messages", headers=HEADERS)
    assert refusal(response)[:2] == (405, "invalid_request_error")
    assert response.headers["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("header", [{"authorization": "Bearer any"}, {"x-api-key": "any"}])
def test_any_key_will_do_in_either_header(client: FlaskClient, header: dict[str, str]) -> None:
    headers = {"anthropic-version": "2023-06-01", **header}
    assert client.post("/simulator/v1/messages", json=body(), headers=headers).status_code == 200


@pytest.mark.parametrize("header", [{}, {"authorization": "Basic any"}, {"x-api-key": " "}])
def test_no_key_is_a_401(client: FlaskClient, header: dict[str, str]) -> None:
    headers = {"anthropic-version": "2026-10-21", **header}
    response = client.post("/simulator/v1/messages", json=body(), headers=headers)
    assert refusal(response)[:2] == (401, "authentication_error")


@pytest.mark.parametrize("version", [None, "2024-01-01"])
def test_a_missing_or_unknown_version_is_a_400(client: FlaskClient, version: str | None) -> None:
    headers = {"x-api-key": "any"} | ({"anthropic-version": version} if version else {})
    response = client.post("/simulator/v1/messages", json=body(), headers=headers)
    status, type_, message = refusal(response)
    assert (status, type_) == (400, "invalid_request_error")
    assert message.startswith("anthropic-version: ")


def test_a_body_over_32_mb_is_a_413(client: FlaskClient) -> None:
    large = b" " * (32 * 1024 * 1024 + 1)
    response = client.post("/simulator/v1/messages", data=large, headers=HEADERS)
    assert refusal(response)[:2] == (413, "request_too_large")


def test_an_unknown_fault_is_a_400_that_lists_what_there_is(client: FlaskClient) -> None:
    status, type_, message = refusal(post(client, "hello/nothing"))
    assert (status, type_) == (400, "invalid_request_error")
    assert "error-event, end-early" in message


def test_a_wrong_parameter_is_a_400_that_says_what_it_takes(client: FlaskClient) -> None:
    assert refusal(post(client, "hello/drop;at=0"))[2] == (
        "drop: at is '0'; it takes a whole number from 1 to 100000"
    )


def test_counted_faults_pass_after_so_many_requests_of_a_key_and_path(client: FlaskClient) -> None:
    statuses = [post(client, "hello/status-then-ok").status_code for _ in range(3)]
    assert statuses == [529, 529, 200]
    assert post(client, "auto/status-then-ok").status_code == 529
    other = {**HEADERS, "authorization": "Bearer other"}
    path = "/simulator/hello/status-then-ok/v1/messages"
    assert client.post(path, json=body(), headers=other).status_code == 529


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [("gzip, br", True), ("*", True), ("br, gzip;q=0", False), ("identity", False), ("", False)],
)
def test_a_stream_is_compressed_only_for_a_client_that_accepts_gzip(
    client: FlaskClient, accepted: str, compressed: bool
) -> None:
    response = client.post(
        "/simulator/hello/compressed/v1/messages",
        json=body(),
        headers={**HEADERS, "accept-encoding": accepted},
    )
    assert (response.headers.get("content-encoding") == "gzip") is compressed


def test_a_schedule_over_several_requests(client: FlaskClient) -> None:
    path = "slow;factor=0+status;code=529;times=2+drop;only=3"
    headers = {**HEADERS, "x-api-key": "a schedule"}
    ended = []
    for _ in range(4):
        response = client.post(
            f"/simulator/hello/{path}/v1/messages", json=body(), headers=headers, buffered=False
        )
        try:
            data = response.data
        except Cut:
            ended.append("cut")
        else:
            ended.append("whole" if b"message_stop" in data else str(response.status_code))
    assert ended == ["529", "529", "cut", "whole"]


def test_several_workers_cannot_count_and_say_so(client: FlaskClient) -> None:
    several = {"wsgi.multiprocess": True}
    path = "/simulator/hello/drop;times=1/v1/messages"
    counted = client.post(path, json=body(), headers=HEADERS, environ_overrides=several)
    journal = client.get("/simulator/journal.json", headers=HEADERS, environ_overrides=several)
    for response in (counted, journal):
        status, _, message = refusal(response)
        assert status == 503
        assert "WEB_CONCURRENCY=1" in message


def test_every_request_has_ids_of_its_own() -> None:
    client = create_app(Settings(), at_once, today=before_any_end).test_client()
    first, second = (post(client, stream=None).json for _ in range(2))
    assert first is not None and second is not None
    assert first.pop("id") != second.pop("id")
    assert first == second


# Browsers


def test_a_preflight_allows_what_it_asks_for(client: FlaskClient) -> None:
    asked = "anthropic-version,authorization,anthropic-dangerous-direct-browser-access"
    response = client.options(
        "/simulator/hello/v1/messages",
        headers={"Origin": "https://a.example", "Access-Control-Request-Headers": asked},
    )
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Headers"] == asked


def test_a_page_of_another_site_needs_the_header_of_direct_browser_access(
    client: FlaskClient,
) -> None:
    headers = {**HEADERS, "Origin": "https://a.example"}
    refused = client.post("/simulator/hello/v1/messages", json=body(), headers=headers)
    assert refusal(refused) == (
        401,
        "authentication_error",
        "CORS requests must set 'anthropic-dangerous-direct-browser-access' header",
    )
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    headers["anthropic-dangerous-direct-browser-access"] = "true"
    allowed = client.post("/simulator/hello/v1/messages", json=body(), headers=headers)
    assert allowed.status_code == 200


# The other paths


def test_tokens_are_counted_without_a_limit_in_the_request(client: FlaskClient) -> None:
    path = "/simulator/v1/messages/count_tokens"
    short = client.post(path, json=body(max_tokens=None, stream=None), headers=HEADERS).json
    longer = body(max_tokens=None, stream=None, system="Be brief. " * 50)
    more = client.post(path, json=longer, headers=HEADERS).json
    assert short is not None and more is not None
    assert short.keys() == {"input_tokens"}
    assert 0 < short["input_tokens"] < more["input_tokens"]


def test_the_index_lists_scenarios_and_faults_with_their_parameters(client: FlaskClient) -> None:
    index = client.get("/simulator/index.json").json
    assert index is not None
    assert [scenario["name"] for scenario in index["scenarios"]] == NAMES
    drop = next(fault for fault in index["faults"] if fault["name"] == "drop")
    assert drop["title"] and drop["help"]
    names = [parameter["name"] for parameter in drop["parameters"]]
    assert names == ["at", "byte", "how", "times", "only", "from", "rate", "seed", "rpm", "tpm"]


# The journal


def journal(client: FlaskClient, key: str, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"/simulator/journal.json{query}", headers={"x-api-key": key})
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json is not None
    requests: list[dict[str, Any]] = response.json["requests"]
    return requests


def test_the_journal_tells_what_was_asked_and_how_it_ended() -> None:
    client = create_app(Settings(), at_once, as_written, before_any_end).test_client()
    post(client, "hello")
    with pytest.raises(Cut):
        post(client, "hello/drop;at=5", messages=[{"role": "user", "content": "Grüße"}])
    first, second = journal(client, KEY)
    assert first["gap_ms"] is None
    assert second["gap_ms"] >= 0
    assert first["path"] == "/simulator/hello/v1/messages"
    assert (first["status"], first["ended"], first["event"]) == (200, "complete", 28)
    assert (second["ended"], second["event"]) == ("cut", 4)
    assert json.loads(second["body"])["messages"][0]["content"] == "Grüße"
    assert first["bytes_sent"] == len((FOLDER / "hello.sse").read_bytes())


def test_a_refused_request_is_in_the_journal_too() -> None:
    client = create_app(Settings(), at_once, today=before_any_end).test_client()
    post(client, "hello", max_tokens=None)
    (only,) = journal(client, KEY)
    assert (only["status"], only["event"], only["ended"]) == (400, 0, "complete")


def test_a_key_is_never_told_and_sees_only_its_own() -> None:
    client = create_app(Settings(), at_once, today=before_any_end).test_client()
    post(client, "hello")
    assert journal(client, "other") == []
    (only,) = journal(client, KEY)
    assert KEY not in json.dumps(only)


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Real-IP",
        "CF-Connecting-IP",
        "Authorization",
        "X-Api-Key",
        "Cookie",
        "Referer",
        "X-Invented",
        "X-User-Agent",
        "Accept-Language",
    ],
)
def test_nothing_of_a_header_that_may_tell_who_asks_is_in_the_journal(name: str) -> None:
    client = create_app(Settings(), at_once, today=before_any_end).test_client()
    value = "for=203.0.113.7"
    key = {} if name == "X-Api-Key" else {"x-api-key": KEY}
    headers = {"anthropic-version": "2026-10-21", **key, name: value}
    client.post("/simulator/hello/v1/messages", json=body(), headers=headers, buffered=True)
    (only,) = journal(client, KEY if key else value)
    assert only["headers"]["anthropic-version"] == "2026-10-21"
    assert name.lower() not in only["headers"]
    assert value not in json.dumps(only)


def test_the_journal_can_leave_the_bodies_out() -> None:
    client = create_app(Settings(), at_once, today=before_any_end).test_client()
    post(client, "hello")
    (only,) = journal(client, KEY, "?bodies=0")
    assert only["body"] is None
    assert only["body_bytes"] > 0


def test_the_journal_needs_a_key(client: FlaskClient) -> None:
    assert refusal(client.get("/simulator/journal.json"))[0] == 401


def test_a_client_says_what_it_made_of_an_answer_and_is_judged() -> None:
    client = create_app(Settings(), at_once, today=before_any_end).test_client()
    headers = {**HEADERS, "authorization": "Bearer judged"}
    client.post("/simulator/hello/end-early/v1/messages", json=body(), headers=headers)
    (request,) = journal(client, "judged")
    said = client.post("/simulator/outcome", json={"complete": True}, headers=headers)
    assert said.json == {"request_id": request["request_id"], "complete": True}
    found = client.get("/simulator/verdicts.json", headers=headers)
    assert found.headers["Cache-Control"] == "no-store"
    assert found.json is not None and found.json["requests"] == 1
    failed = [one for one in found.json["verdicts"] if one["result"] == "failed"]
    assert [(one["rule"], one["requests"]) for one in failed] == [
        ("complete", [request["request_id"]])
    ]


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        ({}, 400, "complete: Field required"),
        ({"complete": "yes"}, 400, "complete: Input should be a valid boolean"),
        ({"complete": True, "more": 1}, 400, "more: Extra inputs are not permitted"),
        ({"complete": True}, 404, "The journal has no request of this key."),
        (
            {"complete": True, "request_id": "req_1"},
            404,
            "The journal has no request 'req_1' of this key.",
        ),
    ],
)
def test_an_outcome_that_cannot_be_noted_is_refused(
    client: FlaskClient, sent: Any, status: int, message: str
) -> None:
    response = client.post("/simulator/outcome", json=sent, headers={"x-api-key": "nobody"})
    assert (response.status_code, refusal(response)[2]) == (status, message)


@pytest.mark.parametrize("silence", ["0", "-1", "4000", "a", "nan"])
def test_a_wrong_limit_on_silence_is_refused(client: FlaskClient, silence: str) -> None:
    response = client.get(f"/simulator/verdicts.json?silence={silence}", headers=HEADERS)
    assert refusal(response)[2] == "silence: seconds, above 0 and at most 3600"


def test_in_public_bodies_are_kept_only_for_keys_that_the_page_gave_out() -> None:
    client = create_app(
        Settings(site_url="https://a.example"), at_once, today=before_any_end
    ).test_client()
    given = client.get("/simulator/key.json").json
    assert given is not None
    for key in (given["key"], KEY):
        headers = {**HEADERS, "authorization": f"Bearer {key}"}
        client.post("/simulator/hello/v1/messages", json=body(), headers=headers)
    assert journal(client, given["key"])[0]["body"] is not None
    (other,) = journal(client, KEY)
    assert other["body"] is None
    assert other["body_bytes"] > 0


# Anything at all

SEGMENTS = st.one_of(
    st.sampled_from(["hello", "auto", "v1", "messages", "count_tokens", "models", "drop;at=3"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=12)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    segments=st.lists(SEGMENTS, min_size=1, max_size=6).filter(lambda parts: parts[0]),
    headers=st.dictionaries(
        st.sampled_from(
            ["authorization", "x-api-key", "anthropic-version", "origin", "anthropic-beta"]
        ),
        VALUES | st.sampled_from(["2026-10-21", "Bearer any"]),
    ),
    data=st.binary(max_size=60) | st.builds(lambda: json.dumps(body()).encode()),
)
def test_whatever_comes_is_answered_or_refused_in_the_envelope(
    app: Flask, method: str, segments: list[str], headers: dict[str, str], data: bytes
) -> None:
    path = "/simulator/" + "/".join(quote(segment, safe="") for segment in segments)
    response = app.test_client().open(path, method=method, headers=headers, data=data)
    assert response.status_code != 500
    if response.status_code >= 400 and not path.endswith(".json"):
        refusal(response)


@given(
    changes=st.dictionaries(
        st.sampled_from(["model", "max_tokens", "messages", "tools", "stream", "stop_sequences"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["role", "content", "type", "text", "name", "input_schema"]),
                    inner | st.sampled_from(["user", "text", "object", "tool_result"]),
                )
            ),
            max_leaves=9,
        ),
        min_size=1,
    )
)
def test_whatever_a_request_says_it_is_answered_or_refused(
    app: Flask, changes: dict[str, Any]
) -> None:
    path = "/simulator/v1/messages"
    response = app.test_client().post(path, json={**body(), **changes}, headers=HEADERS)
    if response.status_code != 200:
        assert refusal(response)[0] in (400, 404)


def test_a_stream_too_many_is_refused_as_an_overload(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_STREAMS", 0)
    status, type_, message = refusal(post(client))
    assert (status, type_) == (529, "overloaded_error")
    assert message == "The simulator holds 0 streams, which is all it can."


def test_a_stream_of_hours_is_refused(client: FlaskClient) -> None:
    status, _, message = refusal(post(client, "long-prose/pace;seconds=3600"))
    assert status == 400
    assert "beyond an hour" in message


def listed(client: FlaskClient, query: str) -> dict[str, Any]:
    response = client.get(f"/simulator/v1/models?{query}", headers=HEADERS)
    assert response.status_code == 200
    found: dict[str, Any] = response.json or {}
    return found


def test_models_are_listed_by_pages_in_both_directions(client: FlaskClient) -> None:
    ids = [model["id"] for model in listed(client, "limit=1000")["data"]]
    assert ids == list(SITE.models.by_id)
    after = listed(client, f"limit=2&after_id={ids[1]}")
    assert [model["id"] for model in after["data"]] == ids[2:4]
    assert (after["first_id"], after["last_id"], after["has_more"]) == (ids[2], ids[3], True)
    before = listed(client, f"limit=2&before_id={ids[4]}")
    assert [model["id"] for model in before["data"]] == ids[2:4]
    assert before["has_more"]
    assert len(listed(client, "limit=00002")["data"]) == 2
    assert not listed(client, f"limit=2&before_id={ids[2]}")["has_more"]


@pytest.mark.parametrize("query", ["limit=0", "limit=" + "9" * 5000, "limit=x", "after_id=nothing"])
def test_a_wrong_page_of_models_is_a_400(client: FlaskClient, query: str) -> None:
    response = client.get(f"/simulator/v1/models?{query}", headers=HEADERS)
    assert refusal(response)[:2] == (400, "invalid_request_error")


def test_behind_a_proxy_bodies_are_not_kept_though_the_site_is_local() -> None:
    client = create_app(Settings(), at_once, today=before_any_end).test_client()
    headers = {**HEADERS, "x-forwarded-for": "192.0.2.1"}
    client.post("/simulator/hello/v1/messages", json=body(), headers=headers, buffered=True)
    assert journal(client, KEY)[0]["body"] is None
