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
ThinkingType = Literal["adaptive", "between_tools", "disabled", "enabled"]

# What `thinking.type` in a request may be, where the table does not say otherwise.
_THINKING_TYPES: Mapping[str, tuple[ThinkingType, ...]] = {
    "always": ("adaptive",),
    "on": ("adaptive", "disabled"),
    "off": ("adaptive", "disabled"),
    "budget": ("enabled", "disabled"),
}


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens.

    A request with more than `long_input` tokens of input costs `long_factor` times as much.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float
    long_input: int | None = None
    long_factor: float = 1

    def of(
        self,
        *,
        input: int,
        output: int,
        cache_write_5m: int = 0,
        cache_write_1h: int = 0,
        cache_read: int = 0,
    ) -> float:
        """US dollars for a request with so many tokens of each kind."""
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
    """One model.

    `characters_per_token` is for estimates of English prose only; `context` and `max_output`
    are in tokens; `aliases` are other ids of it. `retires` is its end of life, the last day in UTC
    on which requests work; a model that has one names the id of its `successor`.
    `thinking_efforts` has the efforts at which a type of thinking is taken, where not at all.
    `text_between_calls` is the type of block in which text between tool calls comes.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    id: str
    title: str
    status: Status
    characters_per_token: float
    price: Price
    context: int
    max_output: int
    thinking: Literal["always", "on", "off", "budget"]
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
        """Whether the last message may be the assistant's: up to Claude 4.5, as is `budget`."""
        return self.thinking == "budget"

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id of the model."""
        return (self.id, *self.aliases)


@dataclass(frozen=True, slots=True)
class Models:
    """All models by id, the day on which the table was last checked, and ids that are gone.

    A table says what its file says; `on` gives it as it stands on a day.
    """

    as_of: date
    by_id: Mapping[str, Model]
    retired: Mapping[str, date]

    def on(self, day: date) -> Models:
        """The table on a day: models whose end of life is before it are retired."""
        models = {
            id_: replace(model, status="retired")
            if model.retires and model.retires < day
            else model
            for id_, model in self.by_id.items()
        }
        return replace(self, by_id=MappingProxyType(models))

    @property
    def available(self) -> Mapping[str, Model]:
        """The models that answer requests, by id: all that are not retired."""
        return {id_: model for id_, model in self.by_id.items() if model.status != "retired"}

    def find(self, id_: str) -> Model | None:
        """The available model of an id or alias."""
        return next((model for model in self.available.values() if id_ in model.ids), None)

    def ending(self, model: Model) -> str:
        """What to know of a model's end of life, in a sentence or two; "" without one."""
        if model.retires is None or model.successor is None:
            return ""
        successor = self.by_id[model.successor]
        advice = f"Choose {successor.title}, {successor.id}."
        if model.status == "retired":
            return f"{model.title} reached its end of life on {model.retires}. {advice}"
        return f"{model.title} is deprecated, and its end of life is {model.retires}. {advice}"


def utc_today() -> date:
    """The day in UTC, by which a model's life ends."""
    return datetime.now(UTC).date()


@with_config(STRICT)
class _File(TypedDict):
    as_of: date
    models: dict[str, Model]
    retired: dict[str, date]


_FILE = TypeAdapter(_File)


def load(path: Path) -> Models:
    """Read the table, as its file states it.

    Raises ContentError for what is missing, unknown or wrong, and for an end of life without a
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
    """An entry with what follows from it: by its tokenizer, and by how the model thinks."""
    found = {"id": id_, "thinking_types": _THINKING_TYPES.get(entry.get("thinking", "")), **entry}
    tokenizer = tokenizers.get(found.pop("tokenizer", ""), {})
    return {**found, **tokenizer}


# How much more of a token a character is than one of English prose, by general experience:
# symbols and digits are mostly tokens of one or two characters, and so are most characters
# of scripts other than Latin.
_LATIN = "".join(chr(code) for code in range(0x250) if chr(code).isalpha())
_PROSE = re.compile(f"[{_LATIN} \n.,'’-]+")
_OF_SYMBOL = 0.5
_OF_OTHER_SCRIPTS = 0.8
_LONG = 200_000


def tokens_of(text: str, characters_per_token: float) -> float:
    """An invented but plausible number of tokens: prose at the model's ratio, the rest dearer.

    Of a very long text only the beginning is looked at, and the rest taken to be like it.
    """
    if len(text) > _LONG:
        return tokens_of(text[:_LONG], characters_per_token) * len(text) / _LONG
    # Counted by what is left when a class is taken away, which is quicker than one by one.
    rest = _PROSE.sub("", text)
    symbols = len(rest.encode("ascii", "ignore"))
    others = len(rest) - symbols
    prose = (len(text) - len(rest)) / characters_per_token
    return prose + _OF_SYMBOL * symbols + _OF_OTHER_SCRIPTS * others
