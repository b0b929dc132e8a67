"""The generator's page, its programs as text, its options as JSON."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from streamguide.content import load_content
from streamguide.generator.options import LANGUAGES, RELAYS, all_options, read
from streamguide.generator.render import render
from streamguide.settings import Settings
from streamguide.web.generator import LONGEST_QUERY
from tests.unpaced import before_any_end

CONTENT = load_content()
MODELS = CONTENT.models
SITE = create_app(Settings(), today=before_any_end).test_client()


@pytest.fixture
def client() -> FlaskClient:
    return SITE


class Form(HTMLParser):
    """What a browser would send of the page's form, and the code that the page shows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.code = ""
        self.address: str | None = None
        self._inside: str | None = None
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "data-address" in given:
            self.address = given["data-address"]
        match tag:
            case "select" if "name" in given:
                self._select = given["name"]
            case "option" if self._select and "selected" in dict(attrs):
                self.values[self._select] = given["value"]
            case "textarea":
                self._inside = given["name"]
                self.values[self._inside] = ""
            case "input" if given.get("type") != "checkbox" or "checked" in dict(attrs):
                self.values[given.get("name", "")] = given.get("value", "")
            case "pre":
                self._inside = "code"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "pre"):
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "code":
            self.code += data
        elif self._inside:
            self.values[self._inside] += data


def form(client: FlaskClient, **query: str) -> Form:
    return Form(client.get("/generator", query_string=query).get_data(as_text=True))


def program(**query: str) -> str:
    options = read({name: [value] for name, value in query.items()}, MODELS)
    return render(options, MODELS, CONTENT.table).text


def test_the_form_comes_with_the_defaults_and_their_program(client: FlaskClient) -> None:
    shown = form(client)
    defaults = {option.name: option.default for option in all_options(MODELS)}
    assert {name: shown.values[name].removeprefix("\n") for name in defaults} == defaults
    assert shown.code.startswith(program())
    assert shown.address == "/generator"


def test_every_choice_is_in_the_address_and_back(client: FlaskClient) -> None:
    query = {"recovery": "resume", "prompt": "Größe?\nZwei", "stream": "1", "usage": "1"}
    shown = form(client, **query)
    assert shown.address is not None
    kept = dict(parse_qsl(urlsplit(shown.address).query))
    assert kept == {"recovery": "resume", "prompt": "Größe?\nZwei", "usage": "1"}
    assert form(client, **kept).code == shown.code


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_program_survives_stands_below_it(client: FlaskClient, language: str) -> None:
    page = client.get("/generator", query_string={"language": language}).get_data(as_text=True)
    assert "Partial, and said so" in page
    assert "Wrong without noticing" not in page
    assert ("It was asked by its own page" in page) is (language in RELAYS)
    assert "four times at most" not in page


def test_a_warning_stands_at_its_field_and_on_top(client: FlaskClient) -> None:
    page = client.get("/generator?breaker=1").get_data(as_text=True)
    warning = "One request alone has no use for a circuit breaker: it is left out."
    assert f'<p class="field-note" id="breaker-note">{warning}</p>' in page
    assert f'<p class="notice">{warning}</p>' in page
    assert '<p class="field-note" id="model-note"></p>' in page


@pytest.mark.parametrize(
    ("query", "is_open"),
    [("", False), ("usage=1", False), ("system=Short", True), ("effort=none", True)],
)
def test_the_rest_of_the_request_is_open_if_any_of_it_is_set_or_wrong(
    client: FlaskClient, query: str, is_open: bool
) -> None:
    page = client.get(f"/generator?{query}").get_data(as_text=True)
    assert ('<details class="more" data-part="more" open>' in page) is is_open


def presets(client: FlaskClient, query: dict[str, str]) -> dict[str, tuple[dict[str, str], bool]]:
    """The query of each preset's link, and whether it is that of the page."""
    response = client.post("/generator", data=query)
    found = re.findall(
        r'<li><a href="([^"]*)"[^>]*?( aria-current="true")?><strong>([^<]*)',
        response.get_data(as_text=True),
    )
    return {
        label: (dict(parse_qsl(urlsplit(unescape(address)).query)), bool(current))
        for address, current, label in found
    }


def test_a_preset_is_a_link_that_keeps_what_is_asked(client: FlaskClient) -> None:
    asked = {"prompt": "Why?", "model": "claude-haiku-4-5"}
    careful = {**asked, "recovery": "resume", "usage": "1", "request_id": "1"}
    assert presets(client, {**asked, "language": "javascript", "tool": "1"}) == {
        "Shortest": ({**asked, "language": "javascript"}, False),
        "For production": ({**careful, "language": "javascript", "stop": "1"}, False),
        "Relay with a page": ({**careful, "language": "flask"}, False),
    }


def test_the_preset_that_is_shown_says_so(client: FlaskClient) -> None:
    for label, (query, _) in presets(client, {}).items():
        shown = presets(client, query)
        assert [name for name, (_, is_current) in shown.items() if is_current] == [label]


def test_a_preset_leaves_out_texts_that_are_too_long_for_an_address(client: FlaskClient) -> None:
    assert presets(client, {"prompt": "word " * LONGEST_QUERY})["Shortest"] == ({}, True)
    assert presets(client, {"max_tokens": "many"})["Shortest"] == ({}, False)


def test_of_a_relay_with_a_breaker_the_page_says_how_often_it_was_asked(
    client: FlaskClient,
) -> None:
    query = {"language": "express", "breaker": "1"}
    page = client.get("/generator", query_string=query).get_data(as_text=True)
    assert "Fallback shown, and said so" in page
    assert "four times at most" in page


def test_the_program_is_had_as_text(client: FlaskClient) -> None:
    response = client.get("/generator/code?recovery=retry")
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.get_data(as_text=True) == program(recovery="retry")


def test_bad_input_is_a_list_of_errors_for_programs(client: FlaskClient) -> None:
    response = client.get("/generator/code?language=cobol&max_tokens=many&colour=red")
    assert response.status_code == 400
    errors = response.get_json()["errors"]
    assert set(errors) == {"language", "max_tokens", "colour"}
    assert "python" in errors["language"]


def test_bad_input_is_the_form_with_messages_for_people(client: FlaskClient) -> None:
    response = client.get("/generator?max_tokens=many&prompt=Still+here&colour=red")
    page = response.get_data(as_text=True)
    assert response.status_code == 400
    assert "It takes a whole number from 1 to 128000." in page
    assert "<code>colour</code>: there is no such option" in page
    shown = Form(page)
    assert shown.values["max_tokens"] == "many"
    assert "Still here" in shown.values["prompt"]
    assert shown.address == ""


def test_a_language_that_there_is_not_hides_no_field(client: FlaskClient) -> None:
    page = client.get("/generator?language=cobol").get_data(as_text=True)
    assert re.findall(r"<div class=\"field[^>]* hidden>", page) == []
    assert "It takes one of python, python-async" in page


def test_a_text_too_long_for_an_address_goes_by_post(client: FlaskClient) -> None:
    prompt = "word " * (LONGEST_QUERY // 5)
    page = client.post("/generator", data={"prompt": prompt}).get_data(as_text=True)
    shown = Form(page)
    assert "cannot be shared by a link" in page
    assert shown.address == ""
    assert prompt.strip() in shown.code
    code = client.post("/generator/code", data={"prompt": prompt}).get_data(as_text=True)
    assert code == program(prompt=prompt)


def test_the_options_are_described(client: FlaskClient) -> None:
    options: list[dict[str, Any]] = client.get("/generator/options.json").get_json()["options"]
    assert options[0]["name"] == "language"
    assert options[0]["values"] == list(LANGUAGES)
    for option in options:
        assert set(option) == {"name", "label", "kind", "values", "default", "applies_to"}
        assert option["kind"] in ("choice", "flag", "text", "number", "json")
    names = {option["name"] for option in options}
    assert names >= {"language", "prompt", "model", "max_tokens", "stream", "tool", "recovery"}


def test_what_a_language_cannot_have_is_hidden_and_kept(client: FlaskClient) -> None:
    page = client.get("/generator?language=curl&tool=1").get_data(as_text=True)
    field = page[page.index('data-field="tool"') :]
    assert field[: field.index(">")].endswith("hidden")
    assert Form(page).values["tool"] == "1"


@given(st.text(max_size=300), st.text(max_size=50))
def test_no_text_fails_or_becomes_html(prompt: str, name: str) -> None:
    query = urlencode({"prompt": prompt, name: "1"}, errors="surrogatepass")
    response = SITE.get(f"/generator?{query}")
    assert response.status_code in (200, 400)
    assert "<script>alert" not in response.get_data(as_text=True)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "</textarea><b>x</b>", '"><i>'])
def test_texts_stay_text(client: FlaskClient, text: str) -> None:
    page = client.get("/generator", query_string={"prompt": text, text: text})
    assert text not in page.get_data(as_text=True)
