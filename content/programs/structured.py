"""An answer of a type of your own: shown while it grows, checked at the end.

The exit status is 0 for a recipe, 2 for an answer that is none, 1 if it broke off.
"""

import sys
from contextlib import suppress
from typing import Any

import anthropic
import httpx2
import jiter
from anthropic import transform_schema
from pydantic import BaseModel, Field, ValidationError

QUESTION = "A recipe for pancakes, please."


class Ingredient(BaseModel):
    name: str
    grams: int = Field(ge=1)


class Recipe(BaseModel):
    title: str
    ingredients: list[Ingredient]
    steps: list[str]


def show(partial: Any) -> None:
    """Stands for your page: what there is so far."""
    steps = partial.get("steps", []) if isinstance(partial, dict) else []
    print(f"{len(steps)} steps", file=sys.stderr)


# region read
def read(client: anthropic.Anthropic, max_tokens: int) -> tuple[str, str | None]:
    """The text of the answer, and its stop reason: None if it broke off."""
    text = ""
    with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=max_tokens,
        output_config={"format": {"type": "json_schema", "schema": transform_schema(Recipe)}},
        messages=[{"role": "user", "content": QUESTION}],
    ) as stream:
        for event in stream:
            if event.type == "text":
                text += event.text
                with suppress(ValueError):  # a refusal is prose
                    show(jiter.from_json(text.encode(), partial_mode="trailing-strings"))
            elif event.type == "message_stop":
                return text, event.message.stop_reason
    return text, None


# endregion


# region main
def main() -> int | str:
    max_tokens = int(sys.argv[1]) if len(sys.argv) > 1 else 16_000
    client = anthropic.Anthropic(timeout=httpx2.Timeout(600, connect=5, read=120))
    try:
        text, stop_reason = read(client, max_tokens)
    except (anthropic.APIError, httpx2.HTTPError) as error:
        return f"failed: {error!r}"
    if stop_reason != "end_turn":
        print(f"no recipe: {stop_reason or 'the stream ended early'}", file=sys.stderr)
        return 2
    try:
        recipe = Recipe.model_validate_json(text)
    except ValidationError as error:
        print(f"no recipe: {error}", file=sys.stderr)
        return 2
    print(recipe.model_dump_json(indent=2))
    return 0


# endregion


if __name__ == "__main__":
    sys.exit(main())
