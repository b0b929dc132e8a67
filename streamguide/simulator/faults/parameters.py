"""The parameters of faults: `name;key=value;key=value`, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_NUMBER = re.compile(r"[0-9]+(\.[0-9]{1,9})?", re.ASCII)


class FaultError(ValueError):
    """A fault that does not exist: says what was asked for and what there is."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: a choice if it has `choices`, else a number between `low` and `high`.

    Without a default the fault decides for itself, as `help` says. `whole` numbers are
    integers.
    """

    name: str
    help: str
    default: float | str | None = None
    low: float = 0
    high: float = 0
    whole: bool = True
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> float | str:
        """The value of a text. Raises FaultError."""
        if self.choices:
            if text not in self.choices:
                raise FaultError(f"{self.name} is {text!r}; it takes {', '.join(self.choices)}")
            return text
        value = _number(text)
        if value is None or not self.low <= value <= self.high or (self.whole and value % 1):
            kind = "a whole number" if self.whole else "a number"
            raise FaultError(
                f"{self.name} is {text!r}; it takes {kind} from {self.low:g} to {self.high:g}"
            )
        return int(value) if self.whole else value

    def as_json(self) -> dict[str, Any]:
        """For the index: `{"name", "help", "default", "values" or "low" and "high"}`."""
        about: dict[str, Any] = {"name": self.name, "help": self.help, "default": self.default}
        if self.choices:
            return about | {"values": list(self.choices)}
        return about | {"low": self.low, "high": self.high, "whole": self.whole}


# Which requests of a key to a path meet a fault; they are counted from 1, for a minute.
TIMES = Parameter(
    "times",
    "So many requests of a key to this path meet the fault, then no more; counted for a minute.",
    low=1,
    high=1000,
)
ONLY = Parameter("only", "Only the request of this number meets it.", low=1, high=1000)
FROM = Parameter(
    "from", "The requests before this number pass; `times` counts from here.", low=1, high=1000
)
RATE = Parameter(
    "rate", "The share of these requests that meet it, as in 0.1.", low=0, high=1, whole=False
)
SEED = Parameter("seed", "The same seed draws the same requests for `rate`.", low=0, high=1_000_000)
RPM = Parameter(
    "rpm",
    "The requests of a key beyond so many per minute meet it; the rate limit headers count down.",
    low=1,
    high=1_000_000,
)
TPM = Parameter(
    "tpm",
    "The same for tokens per minute, of requests and answers together.",
    low=1,
    high=1_000_000_000,
)


def at(default: str = "The middle of the stream") -> Parameter:
    """The parameter that says at which event."""
    text = (
        f"The number of the event, from 1; beyond the end it is the last. {default} if not given."
    )
    return Parameter("at", text, low=1, high=100_000)


def seconds(default: float) -> Parameter:
    """The parameter that says for how long."""
    return Parameter("seconds", "For how long.", default, low=0, high=3600, whole=False)


def read_all(texts: Iterable[str], parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """The values of `key=value` texts, with the defaults of those that are not there."""
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = {name: one.default for name, one in known.items()}
    given: set[str] = set()
    for text in texts:
        name, equals, value = text.partition("=")
        if name not in known or not equals:
            raise FaultError(f"{text!r} is no parameter of it; it takes {_described(known)}")
        if name in given:
            raise FaultError(f"{name} is given twice")
        given.add(name)
        values[name] = known[name].read(value)
    return values


def _described(known: Mapping[str, Parameter]) -> str:
    return ", ".join(f"{name}=…" for name in known)


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None
