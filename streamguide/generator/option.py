"""One option of a program: its field of the form, and how the field's text is read."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from streamguide.generator.literals import LiteralError, check

_MOST_CHARACTERS = 20_000
_MOST_NESTED = 50
# Of numbers in JavaScript.
_MOST = sys.float_info.max
_NO_NUMBER = "it has a number that is too large, NaN or Infinity"


@dataclass(frozen=True, slots=True)
class Option:
    """A field of the form. `values` are labels by value; `applies_to` names languages.

    `group` is its heading in the form, FOLDED for one of those that the form shows on demand;
    `removed` has a message for each former value.
    """

    name: str
    label: str
    group: str
    kind: Literal["choice", "flag", "text", "number", "json"]
    default: str
    help: str
    values: Mapping[str, str] | None = None
    low: int = 0
    high: int = 0
    applies_to: tuple[str, ...] = ()
    removed: Mapping[str, str] | None = None

    def read(self, text: str) -> str | int | bool:
        """Convert a text. Raises ValueError with a message for users."""
        match self.kind:
            case "choice":
                if text not in (self.values or {}):
                    raise ValueError(f"one of {', '.join(self.values or {})}, not {text!r}")
                return text
            case "flag":
                if text not in ("", "0", "1"):
                    raise ValueError(f"1 or 0, not {text!r}")
                return text == "1"
            case "number":
                # float() takes any number of digits, int() only a few thousand.
                is_whole = text.isascii() and text.isdigit()
                if not is_whole or not self.low <= float(text) <= self.high:
                    raise ValueError(f"a whole number from {self.low} to {self.high}")
                return int(float(text))
            case "text":
                return _text(text)
            case "json":
                return _object(text)

    def as_json(self) -> dict[str, Any]:
        """The option in `options.json`."""
        default: object = self.read(self.default)
        return {
            "name": self.name,
            "label": self.label,
            "kind": self.kind,
            "values": list(self.values) if self.values is not None else None,
            "default": default,
            "applies_to": list(self.applies_to),
        }


def choice(
    label: str, group: str, values: Mapping[str, str], help: str, default: str = "default"
) -> Any:
    """A field of a dataclass: the option that `all_options` makes of it has one of these values."""
    return _field("choice", label, group, help, default, values=values)


def number(
    label: str, group: str, low: int, high: int, help: str, default: int, **more: Any
) -> Any:
    """The same for a whole number in these limits, which are included."""
    return _field("number", label, group, help, str(default), low=low, high=high, **more)


def flag(label: str, group: str, help: str, default: Literal["0", "1"] = "0", **more: Any) -> Any:
    """The same for a choice between yes and no."""
    return _field("flag", label, group, help, default, **more)


def text(label: str, group: str, help: str, default: str = "", **more: Any) -> Any:
    """The same for a text."""
    return _field("text", label, group, help, default, **more)


def json_text(label: str, group: str, help: str, default: str = "", **more: Any) -> Any:
    """The same for the text of a JSON object."""
    return _field("json", label, group, help, default, **more)


def _field(kind: str, label: str, group: str, help: str, default: str, **more: Any) -> Any:
    shown = {"kind": kind, "label": label, "group": group, "help": help, "default": default}
    return field(metadata=shown | more)


def _text(text: str) -> str:
    # Browsers send newlines of forms as CR LF.
    text = text.replace("\r\n", "\n")
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"at most {_MOST_CHARACTERS:,} characters")
    try:
        check(text)
    except LiteralError as error:
        raise ValueError(str(error)) from error
    return text


def _object(text: str) -> str:
    """The text of a JSON object that can be written in every language, or an empty one."""
    text = _text(text).strip()
    if not text:
        return text
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError(f"it is nested more than {_MOST_NESTED} deep") from None
    except json.JSONDecodeError as error:
        problem = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ValueError(f"it is not JSON: {problem}") from None
    except ValueError:
        raise ValueError(_NO_NUMBER) from None
    if not isinstance(value, dict):
        raise ValueError("it must be a JSON object")
    _check_value(value, _MOST_NESTED)
    # An empty object asks for nothing.
    return text if value else ""


def _check_value(value: object, deep: int) -> None:
    """Raise ValueError for a JSON value that cannot be written, or is nested deeper than this."""
    if not deep:
        raise ValueError(f"it is nested more than {_MOST_NESTED} deep")
    match value:
        case str():
            try:
                check(value)
            except LiteralError as error:
                raise ValueError(str(error)) from error
        case int() | float() if not -_MOST < value < _MOST:
            raise ValueError(_NO_NUMBER)
        case list():
            for item in value:
                _check_value(item, deep - 1)
        case dict():
            for key, item in value.items():
                _check_value(key, deep)
                _check_value(item, deep - 1)
