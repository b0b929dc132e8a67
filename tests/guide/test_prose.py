"""The guide's prose, held against the tables: names, models, prices and statuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from streamguide.content import load_content
from streamguide.files import CONTENT
from streamguide.generator.options import read
from streamguide.generator.render import render
from streamguide.guide.pages import GuidePage
from streamguide.guide.programs import load_programs

SITE = load_content()
TABLE = SITE.table

# Names that end like an event or an error and are fields.
NOT_OF_THE_WIRE = {"is_error"}
WIRE_NAMES = (
    TABLE.events.keys()
    | TABLE.deltas.keys()
    | TABLE.blocks.keys()
    | TABLE.errors.keys()
    | TABLE.stop_reasons.keys()
)
STATUSES = {str(error.status) for error in TABLE.errors.values()} | {"408"}
# Statuses that the API does not send, and the page that speaks of them: curl retries these, relays
# answer with them, and proxies with more.
STATUSES_OF_A_PAGE = {
    "curl": {"502", "503"},
    "browser": {"502"},
    "live": {"502", "503"},
    "corpus": {"502", "520"},
    "rules": {"502", "520"},
    "deploy": {"524"},
    "faults": {"502", "503", "520", "522", "524"},
}
MODEL_IDS = {id_ for model in SITE.models.by_id.values() for id_ in model.ids}


def prose(markdown: str) -> str:
    """The Markdown without its code blocks, and without link targets."""
    text = re.sub(r"^(`{3,})[^\n]*\n.*?^\1$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"\]\([^)]*\)", "]", text)


def unknown_names(text: str) -> Iterator[str]:
    for name in re.findall(r"`([a-z_]+_(?:delta|start|stop|error|tool_result))`", text):
        if name not in WIRE_NAMES | NOT_OF_THE_WIRE:
            yield f"name: {name}"
    for name in re.findall(r"stop reason `(\w+)`", text):
        if name not in TABLE.stop_reasons:
            yield f"stop reason: {name}"


def unknown_models(text: str) -> Iterator[str]:
    for id_ in re.findall(r"\bclaude-[a-z]+-\d[\w-]*", text):
        if id_ not in MODEL_IDS:
            yield f"model: {id_}"


def unknown_statuses(text: str, slug: str) -> Iterator[str]:
    """Three-digit numbers from 400 to 599 that are no status of the API and have no unit."""
    known = STATUSES | STATUSES_OF_A_PAGE.get(slug, set())
    unit = r"(?!\s?(?:ms|s|tokens|characters|bytes|kB|KB|MB|K|M|%|streams|events|lines|recordings))"
    for status in re.findall(rf"(?<![\d.,#])([45]\d\d)\b(?![.,]\d){unit}", text):
        if status not in known:
            yield f"status: {status}"


def unknown_prices(text: str) -> Iterator[str]:
    prices = [model.price for model in SITE.models.by_id.values()]
    known = {getattr(price, name) for price in prices for name in price.__slots__}
    for amount in re.findall(r"\$(\d+(?:\.\d+)?)", text):
        # Web search costs 10 dollars a thousand searches, whatever the model.
        if float(amount) not in known | {10.0}:
            yield f"price: {amount}"


def problems(markdown: str, slug: str = "") -> list[str]:
    text = prose(markdown)
    return [
        *unknown_names(text),
        *unknown_models(markdown),
        *unknown_statuses(text, slug),
        *unknown_prices(text),
    ]


@pytest.mark.parametrize("page", SITE.pages.values(), ids=SITE.pages)
def test_everything_that_a_page_names_is_in_the_tables(page: GuidePage) -> None:
    assert problems(page.markdown, page.slug) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("an `input_text_delta` event", "name: input_text_delta"),
        ("the stop reason `bored`", "stop reason: bored"),
        ("use claude-opus-3-0 here", "model: claude-opus-3-0"),
        ("answers 418 to it", "status: 418"),
        ("costs $3.33 a million", "price: 3.33"),
    ],
)
def test_what_is_not_in_the_tables_would_be_noticed(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_a_status_that_one_page_may_name_would_be_noticed_on_others() -> None:
    assert problems("retries 503", "curl") == []
    assert problems("retries 503", "errors") == ["status: 503"]


@pytest.mark.parametrize("page", SITE.pages.values(), ids=SITE.pages)
def test_a_page_that_names_a_model_says_when_its_life_ends(page: GuidePage) -> None:
    for model in SITE.models.by_id.values():
        if model.retires and any(id_ in page.markdown for id_ in model.ids):
            assert str(model.retires) in page.markdown, model.id


def test_numbers_with_a_unit_are_no_statuses() -> None:
    assert problems("after 500 ms, in 450 tokens, 429 and 5.529") == []


PROGRAMS = [
    program
    for folder in ("programs", "clients")
    for program in load_programs(CONTENT / folder).values()
]
PARTS = {part for program in PROGRAMS for part in (program.text, *program.regions.values())}
CODE = re.compile(
    r"^```(?:python|py|javascript|js|typescript|ts|bash|sh|html)\n(.*?)\n```$",
    flags=re.DOTALL | re.MULTILINE,
)


def generated(page: GuidePage) -> list[str]:
    """Programs of the generator, by the links of the page: `make survival` runs these."""
    return [
        render(read(parse_qs(query), SITE.models), SITE.models, SITE.table).text
        for query in re.findall(r"\(/generator\?([^)]*)\)", page.markdown)
    ]


def was_run(block: str, programs: list[str]) -> bool:
    return block in PARTS or any(f"\n{block}\n" in f"\n{program}" for program in programs)


@pytest.mark.parametrize("page", SITE.pages.values(), ids=SITE.pages)
def test_every_block_of_code_is_a_program_that_was_run_or_a_part_of_one(page: GuidePage) -> None:
    programs = generated(page)
    blocks = CODE.findall(page.markdown)
    assert [block for block in blocks if not was_run(block, programs)] == []


def test_code_that_nobody_ran_would_be_noticed() -> None:
    (block,) = CODE.findall("Text\n\n```python\nprint(1)\n```\n")
    assert was_run(block, ["x = 1\nprint(1)\n"])
    assert not was_run(block, ["if x:\n    print(1)\n"])
