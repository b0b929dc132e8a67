"""The live page, as the server renders it."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from app import create_app
from streamguide.content import load_content
from streamguide.settings import LiveSettings, Settings
from streamguide.web.live_page import for_script, form_values, price_in_words
from tests.unpaced import as_written, at_once, before_any_end
from tests.web.test_pages import Links

SITE = load_content()
KEY = SecretStr("sk-ant-secret")


def client_with(**live: object) -> FlaskClient:
    settings = Settings(live=LiveSettings(key=KEY, **live))  # type: ignore[arg-type]
    return create_app(settings, at_once, as_written, before_any_end).test_client(use_cookies=False)


@pytest.fixture(scope="module")
def live() -> FlaskClient:
    return client_with(access_code=SecretStr("open-sesame"), max_tokens=600)


def test_without_a_key_it_says_how_to_switch_live_mode_on(client: FlaskClient) -> None:
    html = client.get("/live").text
    assert "<code>ANTHROPIC_API_KEY=… make run</code>" in html
    assert "<form" not in html
    assert "js/pages/live.js" not in html
    assert {"/demo", "/simulator"} <= set(Links(html).links)


def test_neither_the_key_nor_the_access_code_is_in_the_page(live: FlaskClient) -> None:
    response = live.get("/live")
    for secret in ("sk-ant-secret", "open-sesame"):
        assert secret not in response.text
        assert secret not in str(response.headers)


def test_no_field_has_a_name_that_an_address_could_carry(live: FlaskClient) -> None:
    form = live.get("/live").text.split("<form")[1].split("</form>")[0]
    assert 'autocomplete="off"' in form
    assert not re.search(r"\sname=", form)


def test_a_code_is_asked_for_only_where_there_is_one(live: FlaskClient) -> None:
    assert 'id="code" type="password"' in live.get("/live").text
    assert 'id="code"' not in client_with().get("/live").text


def test_the_allowed_models_can_be_chosen_with_their_prices_in_words() -> None:
    html = client_with(models=("claude-opus-4-8", "claude-haiku-4-5")).get("/live").text
    options = re.findall(r'<option value="(claude[^"]+)" data-help="([^"]+)"', html)
    assert options == [
        (
            "claude-opus-4-8",
            "$5.00 per million input tokens, $25.00 per million output tokens",
        ),
        (
            "claude-haiku-4-5",
            "$1.00 per million input tokens, $5.00 per million output tokens",
        ),
    ]
    data = json.loads(unescape(html.split('data-models="')[1].split('"')[0]))
    assert list(data) == [id_ for id_, _ in options]
    assert (data["claude-opus-4-8"]["thinking"], data["claude-opus-4-8"]["prefill"]) == (
        "asked",
        False,
    )
    assert f'data-part="thinking-help">{data["claude-opus-4-8"]["thinkingHelp"]}<' in html
    old = data["claude-haiku-4-5"]
    assert (old["thinking"], old["prefill"]) == ("none", True)


def test_max_tokens_begins_low_and_goes_as_far_as_the_setting(live: FlaskClient) -> None:
    assert re.search(r'id="max-tokens"[^>]* max="600"[^>]* value="600"', live.get("/live").text)
    assert re.search(
        r'id="max-tokens"[^>]* max="4096"[^>]* value="1024"', client_with().get("/live").text
    )


def test_every_model_has_what_the_script_needs() -> None:
    for model in SITE.models.by_id.values():
        data = for_script(model)
        assert data["thinking"] in ("own", "asked", "none")
        assert data["prefill"] == (data["thinking"] == "none")
        assert data["price"]["output"] == model.price.output
        assert price_in_words(model.price).count("$") == 2


def test_a_model_that_the_site_does_not_know_is_refused() -> None:
    with pytest.raises(KeyError, match="claude-2"):
        form_values(LiveSettings(models=("claude-2",)), SITE)


@pytest.mark.parametrize("is_on", [True, False])
def test_it_keeps_the_rules_of_every_page(
    live: FlaskClient, client: FlaskClient, is_on: bool
) -> None:
    html = (live if is_on else client).get("/live").text
    assert re.search(r'<meta name="description" content="[^"]{50,220}">', html)
    assert html.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\s(style|on\w+)=", re.sub(r">[^<]*<", "><", html))
    ids = Links(html).ids
    assert len(ids) == len(set(ids))


def test_a_first_visit_takes_at_most_60_kilobytes(live: FlaskClient) -> None:
    headers = {"Accept-Encoding": "gzip"}
    files = {link for link in Links(live.get("/live").text).links if link.startswith("/static/")}
    sizes = [len(live.get(path, headers=headers).data) for path in ("/live", *files)]
    # Each answer's status line and headers are less than 700 bytes.
    assert sum(sizes) + 700 * len(sizes) <= 60_000
    # The player is loaded by those who ask.
    assert not any(file.endswith("live-session.js") for file in files)
