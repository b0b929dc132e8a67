"""Directives become Markdown: what each gives, and how mistakes are answered."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from streamguide.content import Content
from streamguide.content_file import ContentError
from streamguide.files import CONTENT
from streamguide.generator.options import read
from streamguide.generator.render import render
from streamguide.guide.context import ContentContext
from streamguide.guide.markup import plain
from streamguide.guide.pages import GuidePage
from tests.entries import entries_of

PageOf = Callable[[str], GuidePage]
FIGURES = ", ".join(path.stem for path in sorted((CONTENT / "guide" / "figures").glob("*.svg")))

HELLO_PING = """\
Event 3 of [Hello](/demo?scenario=hello&event=3):

```sse
event: ping
data: {"type": "ping"}
```
"""


def body(page: GuidePage) -> str:
    return page.markdown.removeprefix("# T\n\nD\n\nChecked on 2026-11-28.\n\n")


def test_markdown_begins_with_title_description_and_the_day_of_the_check(page_of: PageOf) -> None:
    assert page_of("Text").markdown == "# T\n\nD\n\nChecked on 2026-11-28.\n\nText\n"


def test_a_page_names_the_versions_that_were_measured(content: Content) -> None:
    sdks = content.outcomes.sdks
    assert list(sdks) == ["anthropic", "@anthropic-ai/sdk"]
    for page in content.pages.values():
        assert page.checked.endswith(
            f"Measured with anthropic {sdks['anthropic']} "
            f"and @anthropic-ai/sdk {sdks['@anthropic-ai/sdk']}."
        )
        assert page.checked in page.markdown


def test_an_example_is_an_event_of_a_scenario(page_of: PageOf) -> None:
    assert body(page_of("::: example scenario=hello event=3")) == HELLO_PING


def test_an_example_can_be_several_events(page_of: PageOf, content_context: ContentContext) -> None:
    last = len(content_context.streams["hello"])
    text = body(page_of(f"::: example scenario=hello event={last - 1}-{last}"))

    where = f"[Hello](/demo?scenario=hello&event={last - 1})"
    assert text.startswith(f"Events {last - 1} to {last} of {where}:\n\n```sse\n")
    assert re.findall("^event: .*|^$", text.partition("```sse\n")[2], re.MULTILINE) == [
        "event: message_delta",
        "",
        "event: message_stop",
        "",
    ]


def test_an_example_can_be_found_by_the_entry_that_it_shows(page_of: PageOf) -> None:
    assert body(page_of("::: example find=event-ping")) == HELLO_PING


def test_an_example_with_backticks_has_a_longer_fence(
    page_of: PageOf, content_context: ContentContext
) -> None:
    number = next(
        n
        for n, sent in enumerate(content_context.streams["markdown"], start=1)
        if "```" in sent.text
    )
    page = page_of(f"::: example scenario=markdown event={number}\n\nAfter")

    assert "````sse\n" in page.markdown
    assert "<p>After</p>" in page.html


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("events", "event"),
        ("deltas", "delta"),
        ("blocks", "block"),
        ("stop_reasons", "stop"),
        ("errors", "error"),
    ],
)
def test_entries_are_all_of_a_section_in_the_order_of_the_table(
    page_of: PageOf, content_context: ContentContext, name: str, kind: str
) -> None:
    headings = re.findall(r"^### .*\{#(.*)\}$", body(page_of(f"::: entries {name}")), re.MULTILINE)

    entries = entries_of(content_context.table)
    assert headings == [entry.anchor for entry in entries if entry.kind == kind]


def test_an_entry_says_everything_that_the_table_has(
    page_of: PageOf, content_context: ContentContext
) -> None:
    text = " ".join(body(page_of("::: entries blocks")).split())

    for block in content_context.table.blocks.values():
        told = [block.when, block.meaning, block.client, *block.oddities]
        told += [f"`{field.name}` *{field.type}" for field in block.fields]
        assert [part for part in told if part not in text] == []


def test_beta_is_said_in_words(page_of: PageOf) -> None:
    text = page_of("::: entries deltas").markdown

    assert "### `text_delta` {#delta-text_delta}" in text
    assert "### `compaction_delta` (beta) {#delta-compaction_delta}" in text
    assert "| `estimated_tokens` *integer, optional, beta* |" in text


def test_errors_begin_with_a_table_that_links_to_their_sections(page_of: PageOf) -> None:
    lines = body(page_of("::: entries errors")).split("\n")

    assert lines[0] == "| Type | HTTP | In a stream | Retry | SDK class |"
    assert lines[12] == (
        "| [`overloaded_error`](#error-overloaded_error) | 529 | yes | yes | `OverloadedError` |"
    )


def test_every_error_leads_to_what_to_do_and_to_where_it_can_be_met(
    page_of: PageOf, content_context: ContentContext
) -> None:
    sections = body(page_of("::: entries errors")).split("\n### ")[1:]
    fault = "/simulator?scenario=hello&fault="

    for error, text in zip(content_context.table.errors.values(), sections, strict=True):
        assert "[What to do before the stream](/guide/errors#retries)" in text
        assert f"[as a status]({fault}status%3Bcode%3D{error.status})" in text
        event = f"[as an event]({fault}error-event%3Btype%3D{error.name})"
        inside = "[what to do inside it](/guide/errors#inside)"
        assert [link in text for link in (event, inside)] == [error.in_stream] * 2


def test_a_figure_is_an_image_in_html_and_words_in_markdown(page_of: PageOf) -> None:
    page = page_of("::: figure event-order")

    assert '<figure class="figure"><svg' in page.html
    assert body(page).startswith("**Figure: The order of events.** First message_start. Then,")
    assert "<" not in body(page)


def test_scenarios_are_all_there_with_links_to_the_demo(
    page_of: PageOf, content_context: ContentContext
) -> None:
    lines = body(page_of("::: scenarios")).strip().split("\n")

    assert len(lines) == len(content_context.scenarios)
    for line, (name, scenario) in zip(lines, content_context.scenarios.items(), strict=True):
        link = f"[{plain(scenario.title)}](/demo?scenario={name})"
        beta = " (beta)" if scenario.beta else ""
        assert line == f"- {link}{beta}: {plain(scenario.summary)}"


def test_a_directive_in_a_code_block_is_left_alone(page_of: PageOf) -> None:
    text = "````\n```\n::: nonsense\n````\n"

    assert body(page_of(text)) == text


def test_a_generated_program_comes_with_the_way_to_change_it(
    page_of: PageOf, content_context: ContentContext
) -> None:
    text = body(page_of("::: generated language=curl request_id=1"))
    options = read({"language": ["curl"], "request_id": ["1"]}, content_context.models)
    program = render(options, content_context.models, content_context.table).text
    assert text == (
        f"```bash\n{program}```\n\n"
        "[Change it in the generator](/generator?language=curl&request_id=1), "
        "or see what it survives.\n"
    )


def test_a_generated_program_may_be_shown_in_part(page_of: PageOf) -> None:
    text = body(page_of("::: generated language=flask part=passing-it-on"))
    assert text.startswith("```python\ndef pass_on(first: bytes")
    assert text.endswith("        events.close()\n```\n")


def test_a_function_of_a_relays_page_may_be_shown_alone(page_of: PageOf) -> None:
    text = body(page_of("::: generated language=flask function=events"))
    assert text.startswith("```javascript\n// The events of a stream.")
    assert "\nasync function* events(body) {\n" in text
    assert text.count("function") == 1
    assert text.endswith("\n}\n```\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            ":::",
            "::: does not know ''; there are clients, conformance, entries, example, faults, figure, generated, models, outcomes, prices, program, recordings, rules, scenarios, settings, symptoms",
        ),
        (
            "::: exmaple find=event-ping",
            "::: does not know 'exmaple'; there are clients, conformance, entries, example, faults, figure, generated, models, outcomes, prices, program, recordings, rules, scenarios, settings, symptoms",
        ),
        (
            "::: entries stops",
            "entries does not know 'stops'; there are events, deltas, blocks, stop_reasons, errors",
        ),
        ("::: entries", "entries takes one of events, deltas, blocks, stop_reasons, errors"),
        ("::: figure order", "figure does not know 'order'; there are " + FIGURES),
        ("::: figure event-order wide=1", "figure takes one of " + FIGURES),
        ("::: scenarios all", "scenarios takes no arguments"),
        ("::: generated tool=2", "generated: tool: it takes 1 or 0, not '2'"),
        (
            "::: generated python",
            "generated takes options of the generator, such as language=python, and perhaps part=<title> or function=<name>",
        ),
        (
            "::: generated language=flask part=the-page function=send",
            "generated takes options of the generator, such as language=python, and perhaps part=<title> or function=<name>",
        ),
        (
            "::: generated language=curl part=magic",
            "part does not know 'magic'; there are what-it-does, what-is-asked, what-is-kept-meanwhile, the-request, events, failing, one-request, from-start-to-end, the-end",
        ),
        (
            "::: generated language=flask function=magic",
            "function does not know 'magic'; there are say, failure, parse, events, read, send, run",
        ),
        (
            "::: example scenario=hello",
            "example takes scenario=<name> event=<number or range>, or find=<anchor>",
        ),
        (
            "::: example scenario=hello event=1 colour=red",
            "example takes scenario=<name> event=<number or range>, or find=<anchor>",
        ),
    ],
)
def test_a_mistake_is_named_with_file_and_line(page_of: PageOf, line: str, message: str) -> None:
    with pytest.raises(ContentError) as raised:
        page_of(f"\n{line}\n")

    assert str(raised.value) == f"page.md:10: {message}"


def test_an_unknown_scenario_is_answered_with_the_known_ones(
    page_of: PageOf, content_context: ContentContext
) -> None:
    with pytest.raises(ContentError) as raised:
        page_of("::: example scenario=helo event=1")

    known = ", ".join(content_context.scenarios)
    assert str(raised.value) == f"page.md:9: scenario does not know 'helo'; there are {known}"


@pytest.mark.parametrize("event", ["0", "5", "x", "3-2", "1-5", ""])
def test_an_event_that_does_not_exist_is_answered_with_the_range(
    page_of: PageOf, event: str
) -> None:
    with pytest.raises(ContentError) as raised:
        page_of(f"::: example scenario=refusal event={event}")

    assert str(raised.value) == (
        "page.md:9: event takes a number from 1 to 4, or a range such as 2-4"
    )


def test_an_unknown_anchor_is_named(page_of: PageOf) -> None:
    with pytest.raises(
        ContentError, match=r"^page\.md:9: find does not know 'event-pong'; there a"
    ):
        page_of("::: example find=event-pong")
