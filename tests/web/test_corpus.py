"""The corpus over HTTP: a list, files, and a zip."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from flask.testing import FlaskClient

from streamguide.files import CONTENT

FOLDER = CONTENT / "corpus"
FILES = sorted(path.name for path in FOLDER.iterdir())


def test_the_list_has_every_recording_and_where_it_is(client: FlaskClient) -> None:
    found = client.get("/corpus/index.json").json
    assert found
    assert [one["body"] for one in found["recordings"]] == [
        f"/corpus/{name}" for name in FILES if name.endswith(".sse")
    ]
    for one in found["recordings"]:
        described = json.loads(client.get(one["description"]).data)
        assert one["title"] == described["title"]
        assert one["complete"] == described["expected"]["complete"]


def test_its_page_is_one_of_the_guide(client: FlaskClient) -> None:
    response = client.get("/corpus")
    assert (response.status_code, response.location) == (308, "/guide/corpus")


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_and_none_as_a_web_page(client: FlaskClient, name: str) -> None:
    response = client.get(f"/corpus/{name}")
    assert response.data == (FOLDER / name).read_bytes()
    assert "html" not in (response.content_type or "")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_zip_has_all_files_in_a_folder_and_always_the_same_bytes(client: FlaskClient) -> None:
    response = client.get("/corpus/streamguide-corpus.zip")
    assert response.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.data)) as opened:
        assert opened.namelist() == [f"streamguide-corpus/{name}" for name in FILES]
        for name in FILES:
            assert opened.read(f"streamguide-corpus/{name}") == (FOLDER / name).read_bytes()
            assert opened.getinfo(f"streamguide-corpus/{name}").date_time[0] == 1980


@pytest.mark.parametrize("path", ["nothing.sse", "..%2Freading.toml", "reading.toml"])
def test_there_is_nothing_else(client: FlaskClient, path: str) -> None:
    assert client.get(f"/corpus/{path}").status_code == 404
