"""The guide's prose, held against the tables: names, models, prices and statuses; and against the
faults of style that CONTRIBUTING names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
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
    r"^(`{3,})(?:python|py|javascript|js|typescript|ts|bash|sh|html)\n(?P<code>.*?)\n\1$",
    flags=re.DOTALL | re.MULTILINE,
)


def code_of(markdown: str) -> list[str]:
    """The blocks of code of a page."""
    return [found["code"] for found in CODE.finditer(markdown)]


def generated(page: GuidePage) -> list[str]:
    """Programs of the generator, by the links of the page: `make survival` runs these."""
    return [
        render(read(parse_qs(query), SITE.models), SITE.models, SITE.table).text
        for query in re.findall(r"\(/generator\?([^)#]*)", page.markdown)
    ]


def was_run(block: str, programs: list[str]) -> bool:
    return block in PARTS or any(f"\n{block}\n" in f"\n{program}" for program in programs)


@pytest.mark.parametrize("page", SITE.pages.values(), ids=SITE.pages)
def test_every_block_of_code_is_a_program_that_was_run_or_a_part_of_one(page: GuidePage) -> None:
    programs = generated(page)
    blocks = code_of(page.markdown)
    assert [block for block in blocks if not was_run(block, programs)] == []


DEFINED = re.compile(r"\b(?:def|function\*?|class) (\w+)")


def unseen(blocks: list[str], text: str) -> list[str]:
    """Functions and classes of a program that its regions among the blocks use, and the page
    neither shows nor names."""
    shown = "\n".join(blocks)
    return [
        name
        for name in DEFINED.findall(text)
        if re.search(rf"\b{name}\(", shown) and name not in DEFINED.findall(shown)
    ]


@pytest.mark.parametrize("page", SITE.pages.values(), ids=SITE.pages)
def test_a_page_shows_or_names_every_function_that_its_code_uses(page: GuidePage) -> None:
    blocks, words = code_of(page.markdown), prose(page.markdown)
    missing = [
        f"{program.file}: {name}"
        for program in PROGRAMS
        if (shown := [part for part in program.regions.values() if part in blocks])
        for name in unseen(shown, program.text)
        if f"`{name}" not in words
    ]
    assert missing == []


def test_a_function_that_no_page_shows_would_be_noticed() -> None:
    text = "def show():\n    pass\n\n\ndef main():\n    show()\n"
    assert unseen(["def main():\n    show()"], text) == ["show"]
    assert unseen([text], text) == []


def test_code_that_nobody_ran_would_be_noticed() -> None:
    (block,) = code_of("Text\n\n```python\nprint(1)\n```\n")
    assert was_run(block, ["x = 1\nprint(1)\n"])
    assert not was_run(block, ["if x:\n    print(1)\n"])


# What this guide used to get wrong, with a sentence that had it.
HABITS = {
    "“a” for “per”": (
        r"\b(?:dollars|cents|tokens|requests|events|characters|messages|words|bytes|tries|ms|seconds"
        r"|one|once|twice|times) an? (?:million|thousand|second|minute|hour|day|month|token"
        r"|character|request|event|delta|line|stream|try)\b",
        "US dollars a million tokens.",
    ),
    "an opening with “Of”": (
        r"(?:^|[.!?:] )Of (?:an?|all|the|what|its|these|those|such)\b[^.]*,",
        "Of a stream that broke off nobody knows what it used, so it stays reserved.",
    ),
    "“there” for “exists” or “comes”": (
        r"\b(?:is|are|was|were) there (?:twice|in|too|as well|for)\b|\b(?:is|are) there[.;]",
        "The first program is there in TypeScript as well.",
    ),
    "a subject that begins with “What is”": (
        r"(?:^|[.!?] )What (?:is|was|has|had|were) (?!streaming|new\b)[a-z]+[^?\n]*\.",
        "What is said about a block stands here.",
    ),
    "“whoever” and “whichever”": (
        r"\bWhoever (?!can )|\bWhichever [a-z]+ is\b",
        "Whoever upgrades from 0.x meets it together with the new version.",
    ),
    "text that “stands”": (
        r"\b(?:ended|told|named) stands here\b|\bwhat stands (?:below|above)\b",
        "How it ended stands here.",
    ),
    "“in life”": (r"\b[Mm]et in life\b", "Met in life: a proxy that restarts."),
    "“in a row there is”": (
        r"\bin a row,? there (?:is|are)\b",
        "After failures in a row there is a fallback.",
    ),
    "“can be had”": (r"\bcan(?:not)? be had\b", "The address asked for what cannot be had."),
    "“needs a word”, “own doing”, “enough of a”": (
        r"\bneeds a word\b|\bown doing\b|\benough of a\b",
        "A queue needs a word for it.",
    ),
    "“tell” without an object": (
        r"\bnothing (?:told|tells)\b|\btells of\b|\b[Tt]ell it[.;,]",
        "Whichever worker it was, it tells of all of them.",
    ),
    "“strike” and “bring forward”": (
        r"\bstrikes? when\b|\bbrings? (?:nothing|anything) forward\b",
        "A stream brings nothing forward.",
    ),
    "“otherwise” for “differently”": (
        r"\b(?:does|do|reads?|goes) (?:it )?otherwise\b|\botherwise than\b",
        "Another good client may read it otherwise.",
    ),
}


def habits(text: str) -> list[str]:
    """The faults of style in a text without its code."""
    return [
        f"{name}: {match[0]!r}"
        for name, (pattern, _) in HABITS.items()
        for match in re.finditer(pattern, prose(text), re.MULTILINE)
    ]


WRITTEN = [
    *sorted((CONTENT / "guide").glob("*.md")),
    *(CONTENT / f"{name}.toml" for name in ("protocol", "reading", "symptoms", "search")),
    *sorted((CONTENT.parent / "templates").glob("*.html")),
]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_a_text_has_none_of_the_old_habits(path: Path) -> None:
    assert habits(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(("name", "bad"), [(name, bad) for name, (_, bad) in HABITS.items()])
def test_every_habit_would_be_noticed(name: str, bad: str) -> None:
    assert [found for found in habits(bad) if found.startswith(f"{name}: ")]


def test_plain_sentences_have_no_habit() -> None:
    plain_text = (
        "US dollars per million tokens. Any worker reports the totals of all workers. "
        "Streaming gains you nothing. What streaming is. They take effect when you change it."
    )
    assert habits(plain_text) == []


# A page that has more words of its own is two pages. What directives bring does not count.
MOST_WORDS = 900
# The page of every event keeps its anchors, and how to test has a maker of its own.
LONGER = {"events"}


@pytest.mark.parametrize("slug", [slug for slug in SITE.pages if slug not in LONGER])
def test_a_page_is_short(slug: str) -> None:
    body = prose(SITE.guide.sources[slug].body)
    assert len(re.findall(r"\w[\w'’-]*", body)) <= MOST_WORDS
