"""The models of `content/models.toml`, their prices, and estimates of tokens."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Status = Literal["current", "legacy", "deprecated", "restricted"]
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
    """US dollars a million tokens.

    A request with more than `long_input` tokens of input costs `long_factor` times as much.
    """

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
    are in tokens; `aliases` are other ids of it; `retires` is its end of life, and
    `retires_not_before` a floor that the documentation promises.
    """

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
    retires_not_before: date | None = None
    aliases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    thinking_types: tuple[ThinkingType, ...]
    forced_tool_choice: bool = True

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
    """All models by id, the day on which the table was last checked, and ids that are gone."""

    as_of: date
    by_id: Mapping[str, Model]
    retired: Mapping[str, date]

    def find(self, id_: str) -> Model | None:
        """The model of an id or alias."""
        return next((model for model in self.by_id.values() if id_ in model.ids), None)

    def past_retirement(self, today: date) -> list[str]:
        """The models of the table that cannot be used any more."""
        return [id_ for id_, model in self.by_id.items() if model.retires and model.retires < today]


def load(path: Path) -> Models:
    """Read the table. Raises KeyError or TypeError with the name of what is missing or unknown."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    ratios = {name: entry["characters_per_token"] for name, entry in data["tokenizers"].items()}
    models = {id_: _model(id_, entry, ratios) for id_, entry in data["models"].items()}
    retired = MappingProxyType(data["retired"])
    return Models(data["as_of"], MappingProxyType(models), retired)


def _model(id_: str, entry: dict[str, Any], ratios: Mapping[str, float]) -> Model:
    special = {"tokenizer", "price", "aliases", "notes", "thinking_types"}
    plain = {key: value for key, value in entry.items() if key not in special}
    return Model(
        id=id_,
        characters_per_token=ratios[entry["tokenizer"]],
        price=Price(**entry["price"]),
        aliases=tuple(entry.get("aliases", ())),
        notes=tuple(entry.get("notes", ())),
        thinking_types=tuple(entry.get("thinking_types", _THINKING_TYPES[entry["thinking"]])),
        **plain,
    )


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
