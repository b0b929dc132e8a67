"""JSON for the page's scripts."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from flask.testing import FlaskClient

from streamguide import __version__
from streamguide.guide.search import sections
from streamguide.library import load_library
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.plan import plan
from streamguide.scenarios.script import script

LIBRARY = load_library()


def test_healthz_answers_with_the_version(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok", "version": __version__})


def test_the_protocol_table_is_served_as_json(client: FlaskClient) -> None:
    assert client.get("/protocol.json").json == LIBRARY.table.as_json()


@pytest.mark.parametrize("name", LIBRARY.scenarios)
def test_a_plan_holds_the_bytes_of_its_scenario(client: FlaskClient, name: str) -> None:
    scenario = LIBRARY.scenarios[name]
    frames = plan(script(make_answer(scenario)))
    assert client.get(f"/demo/plans/{name}.json").json == {
        "scenario": name,
        "title": scenario.title,
        "summary": scenario.summary,
        "prompt": scenario.prompt,
        "charactersPerToken": scenario.characters_per_token,
        "frames": [[frame.at, frame.data.decode()] for frame in frames],
    }


def test_the_search_index_holds_every_section(client: FlaskClient) -> None:
    expected = [asdict(section) for section in sections(LIBRARY.pages.values())]
    assert client.get("/guide/search.json").json == expected
