"""An answer of a type of your own, shown while it grows."""

import sys

import anthropic
from pydantic import BaseModel

client = anthropic.Anthropic()


# region ask
class Recipe(BaseModel):
    title: str
    ingredients: list[str]
    steps: list[str]


with client.messages.stream(
    model="claude-opus-5-5",
    max_tokens=16_000,
    output_format=Recipe,
    messages=[{"role": "user", "content": "A recipe for pancakes, please."}],
) as stream:
    for event in stream:
        if event.type == "text":
            print(event.parsed_snapshot(), file=sys.stderr)
    recipe = stream.get_final_message().parsed_output

if recipe is not None:
    print(recipe.title, recipe.steps)
# endregion
