"""Bodies of requests, checked against pydantic's models, in the words of the API's refusals."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from streamguide.protocol.refusal import invalid

Body = TypeVar("Body", bound=BaseModel)


def validate(kind: type[Body], body: bytes) -> Body:
    """The request that a body of JSON holds. Raises Refusal, with the place of the first error."""
    try:
        # In two steps, because only this one refuses NaN, which is not JSON, wherever it stands.
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise invalid(f"The request body is not valid JSON: {error}") from None
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise invalid(_first_error(error)) from None


def _first_error(error: ValidationError) -> str:
    # Of a union every branch complains; the branch that got furthest is the one that was meant.
    first = max(error.errors(include_url=False), key=lambda one: len(_place(one["loc"])))
    place = ".".join(_place(first["loc"]))
    return f"{place}: {first['msg']}" if place else str(first["msg"])


def _place(loc: tuple[int | str, ...]) -> list[str]:
    """The path without the names that pydantic gives to the branches of a union."""
    return [str(part) for part in loc if part != "str" and not str(part).startswith("list[")]
