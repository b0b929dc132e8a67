"""Static files under an address that changes with their content, so that browsers keep them.

The version is one path segment for all files: ES modules import each other by relative
path and so stay within one version.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from pathlib import Path

from flask import Blueprint, Response, abort

from streamguide.web.shelf import FOR_EVER, respond, store

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
# Documentation comments are half of a module: they are for those who read its source, not for
# a browser. Each has its lines for itself; a cast, which has code after it, stays.
_DOCUMENTATION = re.compile(rb"^[ \t]*/\*\*(?:[^*]|\*(?!/))*\*/\n", re.MULTILINE)
_IMPORT = re.compile(r'^(?:import|export)\b[^;"]*"(\.{1,2}/[^"]+)";', re.MULTILINE)


class Assets:
    """The static files, read once."""

    def __init__(self, folder: Path) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.suffix in _TYPES)
        files = {path.relative_to(folder).as_posix(): _sent(path) for path in paths}
        self._stored = {
            name: store(body, _TYPES[Path(name).suffix], FOR_EVER) for name, body in files.items()
        }
        digests = "".join(name + stored.digest for name, stored in self._stored.items())
        self.version = hashlib.sha256(digests.encode()).hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError for one that does not exist."""
        if name not in self._stored:
            raise KeyError(f"static/{name} does not exist")
        return f"/static/{self.version}/{name}"

    def modules(self, entry: str) -> list[str]:
        """The addresses of a module and of all that it imports, for `modulepreload`."""
        found: dict[str, None] = {entry: None}
        waiting = [entry]
        while waiting:
            name = waiting.pop()
            source = self._stored[name].plain.decode()
            for path in _IMPORT.findall(source):
                imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
                if imported not in found:
                    found[imported] = None
                    waiting.append(imported)
        return [self.url(name) for name in found]

    def blueprint(self) -> Blueprint:
        """The route that serves the files."""
        views = Blueprint("assets", __name__)

        @views.get("/static/<version>/<path:name>")
        def file(version: str, name: str) -> Response:
            if version != self.version or name not in self._stored:
                abort(404)
            return respond(self._stored[name])

        return views


def _sent(path: Path) -> bytes:
    """A file as it goes to browsers."""
    body = path.read_bytes()
    return _DOCUMENTATION.sub(b"", body) if path.suffix == ".js" else body
