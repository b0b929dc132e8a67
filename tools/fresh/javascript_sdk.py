"""The names that the JavaScript SDK knows, read from its declarations.

They are generated, in one form: a union is on one line, and an interface has its `type` as a
literal. Where that no longer holds, Unreadable says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tools.fresh.compare import Sdk, by_section, end_of_life

_UNION = re.compile(r"^export type (\w+) = (.+);$", re.MULTILINE)
_INTERFACE = re.compile(r"^export interface (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_TYPE = re.compile(r"^ {4}type: '(\w+)';$", re.MULTILINE)
_VERSION = re.compile(r"'anthropic-version': '([\d-]+)'")
_END = re.compile(r"'(claude-[\w.-]+)': '(\w+ \w+, \d{4})'")

# Lets a model be any other text.
_ANY_TEXT = "(string & {})"


class Unreadable(Exception):
    """The SDK is not written as this module reads it. The message says what was not found."""


def read(folder: Path) -> Sdk:
    """The names that the SDK in `folder` knows. Raises Unreadable."""
    stable = Declarations(folder / "resources" / "messages" / "messages.d.ts")
    beta = Declarations(folder / "resources" / "beta" / "messages" / "messages.d.ts")
    shared = Declarations(folder / "resources" / "shared.d.ts")
    # Neither is in a declaration. Both are what its code sends and warns about.
    version = _VERSION.search(_text(folder / "client.mjs"))
    ends = _END.findall(_text(folder / "internal" / "data" / "deprecated-models.mjs"))
    if not version or not ends:
        raise Unreadable(f"{'an end of life' if version else 'the API version'} was not found")
    return Sdk(
        api_version=version[1],
        stable=by_section(stable.names),
        beta=by_section(beta.names, "Beta"),
        errors=shared.names("ErrorObject") | shared.names("ErrorType"),
        models=stable.names("Model"),
        ends={id_: end_of_life(text) for id_, text in ends},
    )


class Declarations:
    """The unions and interfaces of one .d.ts file."""

    def __init__(self, path: Path) -> None:
        text = _text(path)
        self._file = path.name
        self._unions = dict(_UNION.findall(text))
        self._interfaces = dict(_INTERFACE.findall(text))

    def names(self, union: str) -> set[str]:
        """The literals of a union; for an interface in it, that of its `type`."""
        return set(self._names(union))

    def _names(self, name: str) -> Iterator[str]:
        if name in self._unions:
            for member in self._unions[name].split(" | "):
                yield from self._names(member)
        elif literal := re.fullmatch(r"'([^']+)'", name) or _TYPE.search(
            self._interfaces.get(name, "")
        ):
            yield literal[1]
        elif name != _ANY_TEXT:
            raise Unreadable(f"{self._file} has no {name} of a known form")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Unreadable(f"it has no {path.name}") from None
