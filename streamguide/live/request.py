"""A visitor's request: only the fields that live mode passes on, for its models, within its limits."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from streamguide.live.limits import Amount
from streamguide.models import Model, Models
from streamguide.protocol.refusal import Refusal, invalid
from streamguide.settings import LiveSettings, SettingsError
from streamguide.validation import validate

_MOST_MESSAGES = 100
_MOST_STOP_SEQUENCES = 20
_MOST_BLOCKS = 100
_LONGEST_STOP_SEQUENCE = 1000
_LONGEST_MODEL = 200
_MOST_ECHOED = 100
# Each can be an unknown field, with an error of its own.
_MOST_VALUES = 30_000

Item = TypeVar("Item")
# Without fail_fast, a list of a million wrong items costs a million errors.
_List = Annotated[list[Item], Field(fail_fast=True)]


class _LiveModel(BaseModel):
    # Other fields are refused, because their cost is unknown.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TextBlock(_LiveModel):
    """The only type of block that is allowed: the tokens of others cannot be estimated."""

    type: Literal["text"]
    text: str


TextBlocks = Annotated[_List[TextBlock], Field(max_length=_MOST_BLOCKS)]


class LiveMessage(_LiveModel):
    """A message of the conversation."""

    role: Literal["user", "assistant"]
    content: str | TextBlocks


class LiveThinking(_LiveModel):
    """How the model thinks, and how much of it is shown."""

    type: Literal["adaptive", "between_tools", "disabled", "enabled"]
    budget_tokens: int | None = None
    display: Literal["summarized", "omitted"] | None = None


class LiveOutputConfig(_LiveModel):
    """How much effort the model makes."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: dict[str, Any] | None = None


class LiveRequest(_LiveModel):
    """The body of `POST /live/messages`: a Messages request with these fields and no others."""

    model: str = Field(max_length=_LONGEST_MODEL)
    max_tokens: int = Field(ge=1)
    messages: _List[LiveMessage] = Field(min_length=1, max_length=_MOST_MESSAGES)
    system: str | TextBlocks | None = None
    thinking: LiveThinking | None = None
    output_config: LiveOutputConfig | None = None
    stop_sequences: (
        Annotated[
            _List[Annotated[str, Field(max_length=_LONGEST_STOP_SEQUENCE)]],
            Field(max_length=_MOST_STOP_SEQUENCES),
        ]
        | None
    ) = None
    stream: Literal[True] = True

    @property
    def characters(self) -> int:
        """The characters of all its text."""
        contents = [self.system or "", *(message.content for message in self.messages)]
        format_ = self.output_config.format if self.output_config else None
        return (
            sum(map(_length, contents))
            + len(str(format_ or ""))
            + sum(map(len, self.stop_sequences or []))
        )

    def body(self) -> dict[str, Any]:
        """The Messages request that goes to Claude."""
        return {**self.model_dump(exclude_unset=True), "stream": True}


def check_models(settings: LiveSettings, models: Models) -> None:
    """Raises SettingsError for a model of LIVE_MODELS that the table does not know, and where all
    are retired; one that is retired among others is only left out, so that the site starts."""
    unknown = [id_ for id_ in settings.models if id_ not in models.by_id]
    if unknown or not models.available.keys() & set(settings.models):
        raise SettingsError(
            f"LIVE_MODELS is {', '.join(settings.models)!r}; it takes ids from "
            f"{', '.join(models.available)}"
        )


def parse(body: bytes, settings: LiveSettings, models: Models) -> tuple[LiveRequest, Model]:
    """The request that a body holds, and its model. Raises Refusal, which names what is wrong."""
    request = validate(LiveRequest, body, _MOST_VALUES)
    if request.model not in settings.models:
        raise invalid(
            f"model: live mode takes {', '.join(settings.models)}, "
            f"not {request.model[:_MOST_ECHOED]!r}"
        )
    model = models.by_id[request.model]
    if model.status == "retired":
        raise Refusal(404, "not_found_error", f"model: {models.ending(model)}")
    if request.max_tokens > settings.max_tokens:
        raise invalid(
            f"max_tokens: {request.max_tokens} is over the {settings.max_tokens} that live mode "
            "allows"
        )
    if request.characters > settings.prompt_characters:
        raise Refusal(
            413,
            "request_too_large",
            f"The request has {request.characters:,} characters of text; live mode takes "
            f"{settings.prompt_characters:,}.",
        )
    return request, model


# The tokens that the API adds, such as roles and the schema of a format: a generous guess.
_TOKENS_BESIDE = 1000


def worst_case(request: LiveRequest, body: bytes, model: Model) -> Amount:
    """The most that a request can cost: a token for each byte, and all of `max_tokens`."""
    dollars = model.price.of(input=len(body) + _TOKENS_BESIDE, output=request.max_tokens)
    return Amount(request.max_tokens, math.ceil(dollars * 1_000_000))


def _length(content: str | list[TextBlock]) -> int:
    return len(content) if isinstance(content, str) else sum(len(block.text) for block in content)
