"""Errors: a page for people, JSON for programs, and nothing told about the inside."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from streamguide.settings import Settings


def test_an_unknown_page_is_a_page_that_says_where_to_go(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "<h1>There is no page here</h1>" in response.text
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/demo/plans/nothing.json", "/nowhere.json"])
def test_programs_get_json(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.json == {
        "error": {
            "status": 404,
            "message": "There is no page here. Check the address, or start from one of these.",
        }
    }


def test_a_wrong_method_says_which_are_allowed(client: FlaskClient) -> None:
    response = client.post("/demo")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


@pytest.fixture
def broken() -> Flask:
    app = create_app(Settings())

    def fail() -> str:
        raise RuntimeError("the secret reason")

    app.add_url_rule("/broken", view_func=fail)
    app.add_url_rule("/broken.json", view_func=fail, endpoint="json")
    return app


@pytest.mark.parametrize("path", ["/broken", "/broken.json"])
def test_a_crash_is_logged_but_not_told(
    broken: Flask, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with caplog.at_level(logging.ERROR):
        response = broken.test_client().get(path)
    assert response.status_code == 500
    assert "The site failed to make this page" in response.text
    assert "secret" not in response.text
    assert "the secret reason" in caplog.text
