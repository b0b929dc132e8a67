"""The models of `content/models.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its API id, its name, and English characters a token (for estimates only)."""

    id: str
    title: str
    characters_per_token: float


@dataclass(frozen=True, slots=True)
class Models:
    """All models by id, and the day on which the table was last checked."""

    as_of: date
    by_id: Mapping[str, Model]


# How much more of a token a character is than one of English prose, by general experience:
# symbols and digits are mostly tokens of one or two characters, and so are most characters
# of scripts other than Latin.
_PROSE_MARKS = frozenset(" \n.,'’-")


def tokens_of(text: str, characters_per_token: float) -> float:
    """An invented but plausible number of tokens: prose at the model's ratio, the rest dearer."""
    return sum(_weight(character, characters_per_token) for character in text)


def _weight(character: str, characters_per_token: float) -> float:
    if character in _PROSE_MARKS or (character.isalpha() and character < "\u0250"):
        return 1 / characters_per_token
    return 0.5 if character.isascii() else 0.8


def load(path: Path) -> Models:
    """Read the table. Raises KeyError with the name of what is missing."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    ratios = {name: entry["characters_per_token"] for name, entry in data["tokenizers"].items()}
    models = {
        id_: Model(id_, entry["title"], ratios[entry["tokenizer"]])
        for id_, entry in data["models"].items()
    }
    return Models(data["as_of"], MappingProxyType(models))
