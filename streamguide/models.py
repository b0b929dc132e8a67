"""The models of `content/models.toml`, their prices, and estimates of tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from streamguide.content_file import STRICT, ContentError, checked, inside, parse

Status = Literal["current", "legacy", "deprecated", "restricted", "retired"]
ThinkingMode = Literal["always", "on", "off", "budget"]
ThinkingType = Literal["adaptive", "between_tools", "disabled", "enabled"]

# The default `thinking_types` by the table's `thinking`.
_THINKING_TYPES: Mapping[str, tuple[ThinkingType, ...]] = {
    "always": ("adaptive",),
    "on": ("adaptive", "disabled"),
    "off": ("adaptive", "disabled"),
    "budget": ("enabled", "disabled"),
}


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens.

    A request with more than `long_input` tokens of input costs `long_factor` times as much, and in a
    batch it costs `batch_factor` of its price; None: not published.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float
    long_input: int | None = None
    long_factor: float = 1
    batch_factor: float | None = None

    def of(
        self,
        *,
        input: int,
        output: int,
        cache_write_5m: int = 0,
        cache_write_1h: int = 0,
        cache_read: int = 0,
    ) -> float:
        """US dollars for a request with these numbers of tokens."""
        whole_input = input + cache_write_5m + cache_write_1h + cache_read
        is_long = self.long_input is not None and whole_input > self.long_input
        millionths = (
            input * self.input
            + output * self.output
            + cache_write_5m * self.cache_write_5m
            + cache_write_1h * self.cache_write_1h
            + cache_read * self.cache_read
        )
        return millionths * (self.long_factor if is_long else 1) / 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model. `context` and `max_output` are in tokens, and `aliases` are its other ids.

    `characters_per_token` is for estimates of English prose. `retires` is its end of life, the last
    day in UTC on which requests work; the model then has the id of a `successor`. `thinking_types`
    are the accepted values of `thinking.type`, and `thinking_efforts` restricts one of them to some
    efforts. `text_between_calls` is the type of block that has the text between tool calls.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    id: str
    title: str
    status: Status
    characters_per_token: float
    price: Price
    context: int
    max_output: int
    thinking: ThinkingMode
    default_effort: str | None = None
    released: date | None = None
    retires: date | None = None
    successor: str | None = None
    aliases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    thinking_types: tuple[ThinkingType, ...]
    thinking_efforts: Mapping[ThinkingType, tuple[str, ...]] = field(default_factory=dict)
    forced_tool_choice: bool = True
    text_between_calls: Literal["text", "thinking"] = "text"

    @property
    def prefill(self) -> bool:
        """Whether the last message may be the assistant's: up to Claude 4.5, like thinking budgets."""
        return self.thinking == "budget"

    @property
    def ids(self) -> tuple[str, ...]:
        """The id and its aliases."""
        return (self.id, *self.aliases)


@dataclass(frozen=True, slots=True)
class Models:
    """All models by id, the day of the last check, and the ends of life of removed ids.

    >>> models.on(date(2026, 12, 1)).find("claude-opus-5-5").price.output
    20.0
    """

    as_of: date
    by_id: Mapping[str, Model]
    retired: Mapping[str, date]

    def on(self, day: date) -> Models:
        """The table as of a day: models whose end of life is before it are retired."""
        models = {
            id_: replace(model, status="retired")
            if model.retires and model.retires < day
            else model
            for id_, model in self.by_id.items()
        }
        return replace(self, by_id=MappingProxyType(models))

    @property
    def available(self) -> Mapping[str, Model]:
        """The models that are not retired, by id."""
        return {id_: model for id_, model in self.by_id.items() if model.status != "retired"}

    @property
    def characters_per_token(self) -> Mapping[str, float]:
        """The ratios of all models by id and alias; by "" that of a model which is not listed.

        What the SDKs list no longer is older than what they list.
        """
        found = {
            id_: model.characters_per_token for model in self.by_id.values() for id_ in model.ids
        }
        return {**found, "": max(found.values())}

    def find(self, id_: str) -> Model | None:
        """The available model with an id or alias."""
        return next((model for model in self.available.values() if id_ in model.ids), None)

    def ending(self, model: Model) -> str:
        """Sentences about a model's end of life; "" without one."""
        if model.retires is None or model.successor is None:
            return ""
        successor = self.by_id[model.successor]
        advice = f"Choose {successor.title}, {successor.id}."
        if model.status == "retired":
            return f"{model.title} reached its end of life on {model.retires}. {advice}"
        return f"{model.title} is deprecated, and its end of life is {model.retires}. {advice}"


def utc_today() -> date:
    """The date in UTC, by which models retire."""
    return datetime.now(UTC).date()


@with_config(STRICT)
class _ModelsFile(TypedDict):
    as_of: date
    models: dict[str, Model]
    retired: dict[str, date]


_FILE = TypeAdapter(_ModelsFile)


def load(path: Path) -> Models:
    """Read the table, not as of any day.

    Raises ContentError for missing, unknown or invalid values, and for an end of life without a
    successor.
    """
    with inside(path.name):
        values = parse(path.read_text(encoding="utf-8"))
        tokenizers, entries = values.pop("tokenizers", {}), values.pop("models", {})
        models = {id_: _with_defaults(id_, entry, tokenizers) for id_, entry in entries.items()}
        file = checked(_FILE, {**values, "models": models})
        for id_, model in file["models"].items():
            successor = file["models"].get(model.successor or "")
            if model.retires and (successor is None or successor.retires):
                raise ContentError(f"{id_} retires, so it needs a successor that stays")
    return Models(
        file["as_of"], MappingProxyType(file["models"]), MappingProxyType(file["retired"])
    )


def _with_defaults(
    id_: str, entry: Mapping[str, Any], tokenizers: Mapping[str, Any]
) -> dict[str, Any]:
    """An entry with the defaults of its tokenizer and of its thinking."""
    found = {"id": id_, "thinking_types": _THINKING_TYPES.get(entry.get("thinking", "")), **entry}
    tokenizer = tokenizers.get(found.pop("tokenizer", ""), {})
    return {**found, **tokenizer}


# Tokens per character outside English prose, by experience: most tokens have one or two characters
# of symbols and digits, or of scripts other than Latin.
_LATIN = "".join(chr(code) for code in range(0x250) if chr(code).isalpha())
_PROSE = re.compile(f"[{_LATIN} \n.,'’-]+")
_OF_SYMBOL = 0.5
_OF_OTHER_SCRIPTS = 0.8
_LONG = 200_000


def tokens_of(text: str, characters_per_token: float) -> float:
    """An estimate of the number of tokens: prose by the model's ratio, other characters by others.

    For a very long text it is extrapolated from the beginning.
    """
    if len(text) > _LONG:
        return tokens_of(text[:_LONG], characters_per_token) * len(text) / _LONG
    # Removing a class and counting the rest is faster than counting each character.
    rest = _PROSE.sub("", text)
    symbols = len(rest.encode("ascii", "ignore"))
    others = len(rest) - symbols
    prose = (len(text) - len(rest)) / characters_per_token
    return prose + _OF_SYMBOL * symbols + _OF_OTHER_SCRIPTS * others
