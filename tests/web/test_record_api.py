"""Who may use the recorder: programs of this machine, and this site's own page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import httpx2
import pytest
from flask.testing import FlaskClient

from streamguide.content import Today
from streamguide.settings import Settings
from streamguide.web.site import build
from tests.attack.hostile import Hostile, hostile, whole
from tests.recorder.recording import HEADERS, RecordingSite, body, recording_site
from tests.simulator.requests import LIBRARY
from tests.unpaced import as_written, at_once, before_any_end

OTHER = {"REMOTE_ADDR": "10.0.0.5"}
FOREIGN = [
    {"host": "evil.example"},
    {"host": "127.0.0.1.evil.example:80"},
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "none"},
    # An answer could be a page with scripts.
    {"sec-fetch-site": "same-origin", "sec-fetch-dest": "document"},
    {"x-forwarded-for": "10.0.0.5"},
]
PATHS = ["/record/v1/messages", "/recordings.json", "/recordings/a.sse", "/recordings/a.json"]


@pytest.fixture(scope="module")
def api() -> Iterator[Hostile]:
    with hostile(lambda connection, prompt: connection.sendall(whole("Hello"))) as claude:
        yield claude


@pytest.fixture(scope="module")
def site(api: Hostile) -> Iterator[RecordingSite]:
    with recording_site(api.url) as running:
        yield running


def client(**settings: Any) -> FlaskClient:
    chosen = replace(Settings(), **settings)
    return build(chosen, Today(LIBRARY, before_any_end), at_once, as_written).test_client()


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: str(next(iter(headers.items()))))
def test_foreign_pages_hosts_and_machines_are_refused(
    site: RecordingSite, api: Hostile, headers: dict[str, str]
) -> None:
    asked = len(api.requests)
    for path in PATHS:
        url = f"{site.server.url}{path}"
        response = httpx2.get(url, headers=HEADERS | headers)
        assert (response.status_code, response.json()["error"]["type"]) == (403, "permission_error")
        assert "access-control-allow-origin" not in response.headers
    assert httpx2.delete(f"{site.server.url}/recordings", headers=headers).status_code == 403
    assert len(api.requests) == asked


def test_a_preflight_of_another_page_is_refused(site: RecordingSite, api: Hostile) -> None:
    asked = len(api.requests)
    headers = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    assert httpx2.options(f"{site.base}/v1/messages", headers=headers).status_code == 403
    assert len(api.requests) == asked


def test_a_program_and_the_page_itself_are_answered(site: RecordingSite) -> None:
    assert site.post().text.endswith('"message_stop"}\n\n')
    # Node.js sends the first of these with every fetch.
    node = HEADERS | {"sec-fetch-mode": "cors"}
    url = f"{site.base}/v1/messages"
    assert httpx2.post(url, json=body(), headers=node).status_code == 200
    own = {"origin": site.server.url, "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty"}
    assert site.get("/recordings.json", **own).status_code == 200
    assert httpx2.delete(f"{site.server.url}/recordings", headers=own).status_code == 200
    assert site.listed() == []


def test_another_machine_is_refused_unless_it_is_named() -> None:
    refused = client().get("/recordings.json", environ_overrides=OTHER)
    assert refused.status_code == 403
    assert refused.json["error"]["details"] == {"error_code": "record_from"}  # type: ignore[index]
    named = client(record_from=(ip_network("10.0.0.0/8"),))
    assert named.get("/recordings.json", environ_overrides=OTHER).status_code == 200


def test_behind_a_proxy_that_is_trusted_the_client_counts() -> None:
    trusting = {"trusted_proxies": (ip_network("127.0.0.1"),)}
    forwarded = {"x-forwarded-for": "10.0.0.5"}
    assert client(**trusting).get("/recordings.json", headers=forwarded).status_code == 403
    named = client(**trusting, record_from=(ip_network("10.0.0.5"),))
    assert named.get("/recordings.json", headers=forwarded).status_code == 200


def test_several_processes_record_nothing() -> None:
    several = {"wsgi.multiprocess": True}
    for path in PATHS:
        refused = client().get(path, environ_overrides=several)
        assert (refused.status_code, refused.json["error"]["type"]) == (503, "api_error")  # type: ignore[index]


def test_without_the_packages_of_live_mode_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "streamguide.recorder.passing", None)
    refused = client().get("/record/v1/models")
    assert refused.status_code == 503
    assert "pip install 'streamguide[live]'" in refused.text


@pytest.mark.parametrize(
    "path", ["/recordings/none.sse", "/recordings/none.json", "/recordings/none/pieces.json"]
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert client().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/recordings.json?after=x", "/recordings.json?after=-1"])
def test_a_wrong_number_is_refused(path: str) -> None:
    assert client().get(path).status_code == 400


def test_a_recording_is_a_download_that_no_browser_shows(site: RecordingSite, api: Hostile) -> None:
    site.post()
    name = site.ended()["name"]
    for kind in ("sse", "json"):
        headers = site.get(f"/recordings/{name}.{kind}").headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"] == f'attachment; filename="{name}.{kind}"'
        assert headers["x-content-type-options"] == "nosniff"


def test_pieces_come_from_a_place_on(site: RecordingSite) -> None:
    site.post()
    name = site.ended()["name"]
    all_ = site.get(f"/recordings/{name}/pieces.json").json()
    assert (all_["is_last"], all_["ended"], all_["status"]) == (True, "complete", 200)
    rest = site.get(f"/recordings/{name}/pieces.json?from=1").json()
    assert (rest["pieces"], rest["next"]) == (all_["pieces"][1:], all_["next"])
