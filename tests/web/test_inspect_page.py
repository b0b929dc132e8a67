"""The inspector's pages, and what the site knows of each rule."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from streamguide.content import load_content
from streamguide.guide.rule_outcomes import SILENCE

CONTENT = load_content()


def test_each_rule_has_its_place_in_the_guide_and_what_was_measured(client: FlaskClient) -> None:
    rules = client.get("/inspect/rules.json").get_json()
    assert set(rules) == {*CONTENT.rules, SILENCE}
    for id_, rule in CONTENT.rules.items():
        told = rules[id_]
        assert (told["number"], told["rule"], told["client"]) == (
            rule.number,
            rule.rule,
            rule.client,
        )
        page = client.get(told["href"].partition("#")[0]).text
        assert f'id="rule-{id_}"' in page
    assert rules["after-stop"]["seen"][0]["on"] == "the recording message-after-stop"
    assert rules["unanswered-call"]["seen"] == []


def test_the_place_of_each_measurement_is_there(client: FlaskClient) -> None:
    rules = client.get("/inspect/rules.json").get_json()
    places = [one["href"].split("#") for told in rules.values() for one in told["seen"]]
    pages = {path: client.get(path).text for path, _ in places}
    assert [place for path, place in places if f'id="{place}"' not in pages[path]] == []


@pytest.mark.parametrize("path", ["/inspect", "/cost"])
def test_the_page_has_the_prices_of_the_models_and_a_way_without_javascript(
    client: FlaskClient, path: str
) -> None:
    page = client.get(path).text
    found = re.search(r'data-models="([^"]*)"', page)
    assert found
    models = json.loads(unescape(found[1]))
    assert models["claude-opus-5-5"]["price"]["write1h"] == 8
    assert "python -m streamguide inspect" in page
    assert ('data-first="costs"' in page) == (path == "/cost")
