"""JSON for the page's scripts."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from streamguide import __version__
from streamguide.content import load_content
from streamguide.guide.search import index
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.frames import to_frames
from streamguide.scenarios.script import script
from streamguide.simulator.faults import FAULTS

SITE = load_content(site_url="https://example.org")


def test_healthz_answers_with_the_version(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok", "version": __version__})


def test_the_protocol_table_is_served_as_json(client: FlaskClient) -> None:
    assert client.get("/protocol.json").json == SITE.table.as_json()


@pytest.mark.parametrize("name", SITE.scenarios)
def test_a_plan_holds_the_bytes_of_its_scenario(client: FlaskClient, name: str) -> None:
    scenario = SITE.scenarios[name]
    frames = to_frames(script(make_answer(scenario)))
    assert client.get(f"/demo/plans/{name}.json").json == {
        "scenario": name,
        "title": scenario.title,
        "summary": scenario.summary,
        "prompt": scenario.prompt,
        "charactersPerToken": scenario.characters_per_token,
        "frames": [[frame.at, frame.data.decode()] for frame in frames],
    }


def faulty(client: FlaskClient, fault: str, scenario: str = "hello") -> dict[str, Any]:
    response = client.get(f"/demo/plans/{scenario}/{quote(fault)}.json")
    assert response.status_code == 200
    found: dict[str, Any] = response.json or {}
    return found


@pytest.mark.parametrize("name", SITE.scenarios)
def test_without_a_fault_a_faulty_plan_is_the_plan(client: FlaskClient, name: str) -> None:
    whole = client.get(f"/demo/plans/{name}.json").json or {}
    assert faulty(client, "none", name) == whole | {
        "status": 200,
        "contentType": "text/event-stream; charset=utf-8",
        "framing": "chunked",
        "end": "whole",
    }


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["hello", "languages", "overloaded", "programmatic-tool-call"])
def test_every_fault_has_a_plan_for_the_demo(client: FlaskClient, name: str, fault: str) -> None:
    found = faulty(client, fault, name)
    times = [at for at, _ in found["frames"]]
    assert times == sorted(times)
    assert found["end"] in ("whole", "drop", "reset")


def test_a_cut_plan_ends_at_the_time_of_the_event_that_does_not_come(client: FlaskClient) -> None:
    whole = faulty(client, "none")["frames"]
    cut = faulty(client, "drop;at=9;how=reset")
    assert cut["frames"] == [*whole[:8], [whole[8][0], ""]]
    assert cut["end"] == "reset"


def test_a_refusal_has_its_status_and_its_body(client: FlaskClient) -> None:
    found = faulty(client, "status;code=429")
    assert (found["status"], found["contentType"]) == (429, "application/json")
    assert json.loads(found["frames"][0][1])["error"]["type"] == "rate_limit_error"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_characters_that_were_cut_are_whole_again(client: FlaskClient, size: int) -> None:
    text = "".join(text for _, text in faulty(client, f"drip;byte={size}", "languages")["frames"])
    assert text == "".join(text for _, text in faulty(client, "none", "languages")["frames"])


def test_pieces_that_nobody_could_see_apart_are_one(client: FlaskClient) -> None:
    assert len(faulty(client, "drip;byte=1", "long-prose")["frames"]) < 500
    pings = faulty(client, "stall;how=pings;then=close;seconds=5")["frames"]
    assert sum('"ping"' in text for _, text in pings[-6:]) == 5


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("nothing", "No fault is called 'nothing'. There are: none, status,"),
        ("drop;at=x", "drop: at is 'x'; it takes a whole number from 1 to 100000"),
        ("drop;where=9", "'where=9' is no parameter of it; it takes at=…, byte=…, how=…, times=…,"),
    ],
)
def test_a_fault_that_cannot_be_had_is_refused_with_what_there_is(
    client: FlaskClient, fault: str, message: str
) -> None:
    response = client.get(f"/demo/plans/hello/{quote(fault)}.json")
    assert response.status_code == 400
    assert message in (response.json or {})["error"]["message"]


def test_a_fault_of_no_scenario_is_not_found(client: FlaskClient) -> None:
    assert client.get("/demo/plans/nothing/drop.json").status_code == 404


def test_the_search_index_holds_every_section(client: FlaskClient) -> None:
    expected = index(SITE.pages.values(), SITE.scenarios, SITE.search)
    assert client.get("/guide/search.json").json == json.loads(json.dumps(expected))


def test_every_address_of_the_search_index_is_there(client: FlaskClient) -> None:
    found = client.get("/guide/search.json").json or {}
    urls = [section["url"].partition("#") for section in found["sections"]]
    pages = {path: client.get(path) for path in {path for path, _, _ in urls}}
    assert {path for path, page in pages.items() if page.status_code != 200} == set()
    assert [
        f"{path}#{anchor}"
        for path, _, anchor in urls
        if anchor and f'id="{anchor}"' not in pages[path].text
    ] == []


@pytest.mark.parametrize("name", SITE.recordings)
def test_a_recording_is_a_plan_with_its_bytes_and_its_end(client: FlaskClient, name: str) -> None:
    recording = SITE.recordings[name]
    found = client.get(f"/demo/plans/corpus:{name}.json").json or {}
    assert "".join(text for _, text in found["frames"]).encode() == recording.body
    assert (found["status"], found["end"]) == (recording.response.status, recording.response.end)
    assert found["contentType"] == recording.response.headers.get("content-type", "")
    assert all(rule in found["summary"] for rule in recording.expected.rules)


def test_a_recording_takes_faults_and_one_that_is_none_is_not_found(client: FlaskClient) -> None:
    assert faulty(client, "drop", "corpus:plain")["end"] == "drop"
    refused = client.get("/demo/plans/corpus:html-200/drop+bom.json")
    assert refused.status_code == 400
    assert refused.json
    assert refused.json["error"]["message"].startswith("bom changes the events of a stream")
    assert client.get("/demo/plans/corpus:nothing.json").status_code == 404
