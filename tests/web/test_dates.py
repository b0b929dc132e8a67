"""What the site says of a model whose life ends, before its last day and after it."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse

from streamguide.generator.options import LANGUAGES
from streamguide.settings import LiveSettings, Settings, SettingsError
from tests.dates import (
    DAY_AFTER,
    END,
    ENDING,
    LONG_BEFORE,
    SUCCESSOR,
    Calendar,
    content_with_an_end,
    site_at,
)

WORDS = "Claude Haiku 4.5 reached its end of life on 2031-05-20. Choose Claude Haiku 5.5"


def asked(client: FlaskClient, path: str, model: str = ENDING) -> TestResponse:
    return client.post(
        path,
        json={
            "model": model,
            "max_tokens": 16000,
            "stream": True,
            "messages": [{"role": "user", "content": "Hello"}],
        },
        headers={"x-api-key": "k", "anthropic-version": "2026-10-21"},
    )


def error_of(response: TestResponse) -> dict[str, Any]:
    error: dict[str, Any] = json.loads(response.data)["error"]
    return error


def live_settings(*models: str) -> Settings:
    return Settings(live=LiveSettings(key=SecretStr("sk-ant-secret"), models=models))


def test_the_simulator_answers_up_to_the_last_day_and_is_a_404_after_it() -> None:
    calendar = Calendar(END)
    client = site_at(calendar)
    assert asked(client, "/simulator/hello/v1/messages").status_code == 200
    calendar.day = DAY_AFTER
    refused = asked(client, "/simulator/hello/v1/messages")
    assert refused.status_code == 404
    assert error_of(refused) == {"type": "not_found_error", "message": f"model: {ENDING}"}


def test_the_simulator_lists_and_finds_a_retired_model_no_longer() -> None:
    calendar = Calendar(END)
    client = site_at(calendar)
    headers = {"x-api-key": "k", "anthropic-version": "2026-10-21"}

    def listed() -> list[str]:
        found = json.loads(client.get("/simulator/v1/models?limit=1000", headers=headers).data)
        return [model["id"] for model in found["data"]]

    assert ENDING in listed()
    found = json.loads(client.get(f"/simulator/v1/models/{ENDING}", headers=headers).data)
    assert (found["lifecycle"], found["retires_at"]) == (
        "deprecated",
        "2031-05-20T00:00:00Z",
    )
    calendar.day = DAY_AFTER
    assert ENDING not in listed()
    assert client.get(f"/simulator/v1/models/{ENDING}", headers=headers).status_code == 404
    after = client.get(f"/simulator/v1/models?after_id={ENDING}", headers=headers)
    assert after.status_code == 400


@pytest.mark.parametrize(
    "name",
    [one.name for one in content_with_an_end().scenarios.values() if one.model == ENDING],
)
def test_a_scenario_of_a_retired_model_still_plays(name: str) -> None:
    client = site_at(Calendar(DAY_AFTER))
    assert client.get(f"/demo/plans/{name}.json").status_code == 200
    # No prefill, and thinking as the model in the request takes it.
    played = asked(client, f"/simulator/{name}/v1/messages", SUCCESSOR)
    assert played.status_code == 200
    assert "event: message_stop" in played.text


@pytest.mark.parametrize("day", [LONG_BEFORE, END])
def test_the_generator_says_the_date_beside_the_choice_and_in_its_notice(day: date) -> None:
    client = site_at(Calendar(day))
    html = client.get(f"/generator?model={ENDING}").text
    assert f'<option value="{ENDING}" selected>Claude Haiku 4.5, until 2031-05-20</option>' in html
    assert "Claude Haiku 4.5 is deprecated, and its end of life is 2031-05-20." in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_that_names_the_model_says_the_date(language: str) -> None:
    code = site_at(Calendar(END)).get(f"/generator/code?language={language}&model={ENDING}").text
    assert " Deprecated: its end of life is 2031-05-20.\n" in code


def test_after_its_end_the_generator_refuses_an_address_that_names_it_with_a_successor() -> None:
    calendar = Calendar(END)
    client = site_at(calendar)
    assert client.get(f"/generator/code?model={ENDING}").status_code == 200
    assert ENDING in client.get("/generator/options.json").text
    calendar.day = DAY_AFTER
    page = client.get(f"/generator?model={ENDING}")
    assert page.status_code == 400
    assert f"{WORDS}, {SUCCESSOR}." in page.text
    assert f'<option value="{ENDING}"' not in page.text
    code = client.get(f"/generator/code?model={ENDING}")
    assert code.status_code == 400
    assert json.loads(code.data)["errors"] == {"model": f"{WORDS}, {SUCCESSOR}"}
    assert ENDING not in client.get("/generator/options.json").text


def test_live_mode_says_the_date_and_then_offers_the_model_no_longer() -> None:
    calendar = Calendar(END)
    client = site_at(calendar, live_settings(ENDING, SUCCESSOR))

    def offered() -> list[str]:
        return re.findall(r'<option value="claude[^>]*>([^<]+)<', client.get("/live").text)

    assert offered() == ["Claude Haiku 4.5, until 2031-05-20", "Claude Haiku 5.5"]
    calendar.day = DAY_AFTER
    assert offered() == ["Claude Haiku 5.5"]


def test_live_mode_refuses_a_retired_model_with_words_and_a_successor() -> None:
    client = site_at(Calendar(DAY_AFTER), live_settings(ENDING, SUCCESSOR))
    body = json.dumps(
        {"model": ENDING, "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    )
    refused = client.post(
        "/live/messages",
        data=body,
        content_type="application/json",
        base_url="http://127.0.0.1:8000",
        headers={"origin": "http://127.0.0.1:8000"},
    )
    assert refused.status_code == 404
    assert error_of(refused)["message"] == f"model: {WORDS}, {SUCCESSOR}."


def test_live_mode_does_not_start_with_retired_models_only() -> None:
    site_at(Calendar(END), live_settings(ENDING))
    with pytest.raises(SettingsError, match=r"LIVE_MODELS is 'claude-haiku-4-5'; it takes"):
        site_at(Calendar(DAY_AFTER), live_settings(ENDING))


def test_when_the_last_of_its_models_is_retired_the_live_page_says_what_to_set() -> None:
    calendar = Calendar(END)
    client = site_at(calendar, live_settings(ENDING))
    calendar.day = DAY_AFTER
    html = client.get("/live").text
    assert "Every model of <code>LIVE_MODELS</code> has reached its end of life" in html
    assert "<form" not in html
    assert "js/pages/live.js" not in html


def test_the_guide_tells_it_as_retired_on_the_day_after() -> None:
    calendar = Calendar(END)
    client = site_at(calendar)
    assert "deprecated, end of life 2031-05-20" in client.get("/guide/models").text
    calendar.day = DAY_AFTER
    for path in ("/guide/models", "/guide/models.md"):
        text = client.get(path).text
        assert "retired, end of life 2031-05-20" in text
        assert "deprecated, end of life 2031-05-20" not in text
