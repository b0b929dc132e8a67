"""Static files under an address that changes with their content, so that browsers may cache them.

The version is one path segment, the same for all files: ES modules import each other by relative
path, and so load each other in the same version.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from pathlib import Path

from flask import Blueprint, Response, abort

from streamguide.web.response_cache import IMMUTABLE, precompress, respond

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
# Comments are half of a module, and a browser does not need them. Only comments on lines of their
# own are removed: a type cast is a comment with code after it.
_COMMENTS = re.compile(rb"^[ \t]*(?:/\*\*(?:[^*]|\*(?!/))*\*/|//[^\n]*)\n", re.MULTILINE)
_IMPORT = re.compile(r'^(?:import|export)\b[^;"]*"(\.{1,2}/[^"]+)";', re.MULTILINE)


class Assets:
    """The static files, read and compressed once.

    >>> assets.url("css/base.css")
    '/static/3f786850e387/css/base.css'
    """

    def __init__(self, folder: Path) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.suffix in _TYPES)
        files = {path.relative_to(folder).as_posix(): _without_comments(path) for path in paths}
        self._cached = {
            name: precompress(body, _TYPES[Path(name).suffix], IMMUTABLE)
            for name, body in files.items()
        }
        digests = "".join(name + cached.digest for name, cached in self._cached.items())
        self.version = hashlib.sha256(digests.encode()).hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError if there is none of that name."""
        if name not in self._cached:
            raise KeyError(f"static/{name} does not exist")
        return f"/static/{self.version}/{name}"

    def modules(self, entry: str) -> list[str]:
        """The addresses of a module and of all modules that it imports, for `modulepreload`."""
        found: dict[str, None] = {entry: None}
        pending = [entry]
        while pending:
            name = pending.pop()
            source = self._cached[name].plain.decode()
            for path in _IMPORT.findall(source):
                imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
                if imported not in found:
                    found[imported] = None
                    pending.append(imported)
        return [self.url(name) for name in found]

    def blueprint(self) -> Blueprint:
        """The route that serves the files."""
        views = Blueprint("assets", __name__)

        @views.get("/static/<version>/<path:name>")
        def file(version: str, name: str) -> Response:
            if version != self.version or name not in self._cached:
                abort(404)
            return respond(self._cached[name])

        return views


def _without_comments(path: Path) -> bytes:
    body = path.read_bytes()
    return _COMMENTS.sub(b"", body) if path.suffix == ".js" else body
