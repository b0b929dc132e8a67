"""The corpus for machines: its list, its files, and a zip of all."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect
from werkzeug.wrappers import Response as BaseResponse

from streamguide.content import Today
from streamguide.files import CONTENT
from streamguide.recordings import CORPUS, CorpusRecording
from streamguide.simulator.plan import to_json
from streamguide.web.response_cache import ResponseCache, precompress

_FOLDER = CONTENT / "corpus"
_PAGE = "/guide/corpus"
_NAME = "streamguide-corpus"
# The earliest time that a zip can have: the same files give the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)
_TYPES = {
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    # A body may be a web page, which must not be shown as one of this site.
    ".sse": "text/plain; charset=utf-8",
}


def blueprint(today: Today) -> Blueprint:
    """The routes."""
    views = Blueprint("corpus", __name__, url_prefix="/corpus")
    cache = ResponseCache(today)
    recordings = today().recordings
    paths = {path.name: path for path in sorted(_FOLDER.iterdir())}

    @views.get("")
    def page() -> BaseResponse:
        return redirect(_PAGE, 308)

    @views.get("/index.json")
    def index() -> Response:
        listed = {"recordings": [about(one) for one in recordings.values()]}
        return cache.serve("index", lambda: precompress(to_json(listed), "application/json"))

    @views.get(f"/{_NAME}.zip")
    def archive() -> Response:
        return cache.serve(
            "zip", lambda: precompress(zipped(list(paths.values())), "application/zip")
        )

    @views.get("/<name>")
    def file(name: str) -> Response:
        if name not in paths:
            abort(404)
        path = paths[name]
        return cache.serve(name, lambda: precompress(path.read_bytes(), _TYPES[path.suffix]))

    return views


def about(recording: CorpusRecording) -> dict[str, Any]:
    """A recording in the list: `path` follows `/simulator/` in a base URL."""
    expected = recording.expected
    return {
        "name": recording.name,
        "title": recording.title,
        "rules": expected.rules,
        "complete": expected.complete,
        "may_differ": expected.may_differ,
        "path": f"{CORPUS}{recording.name}",
        "body": f"/corpus/{recording.name}.sse",
        "description": f"/corpus/{recording.name}.json",
    }


def zipped(paths: list[Path]) -> bytes:
    """The files in a folder, as a zip."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for path in paths:
            entry = zipfile.ZipInfo(f"{_NAME}/{path.name}", _TIME)
            entry.external_attr = 0o644 << 16
            opened.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return archive.getvalue()
