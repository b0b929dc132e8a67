"""What a broken stream looks like: the table, and that clients print what it says they print."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anthropic
import pytest

from streamguide.content import Content
from streamguide.content_file import ContentError
from streamguide.files import CONTENT
from streamguide.guide.context import ContentContext
from streamguide.guide.pages import GuidePage
from streamguide.guide.symptoms import Printed, Symptom, load_symptoms, symptom_table
from streamguide.simulator.outcomes import Outcome
from tools.faults.cases import PATIENT, Case, client_cases
from tools.faults.clients import meet
from tools.server import running

SYMPTOMS = load_symptoms(CONTENT / "symptoms.toml")
# The beginnings of the measured clients' names, by what the table calls them.
MEASURED = {"Python": "python", "JavaScript": "javascript", "curl": "curl"}
HELLO: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 2_000,
    "messages": [{"role": "user", "content": "Hello"}],
}


def claims() -> Iterator[tuple[Printed, str]]:
    """What measured clients print, and on which fault."""
    for symptom in SYMPTOMS:
        for printed in symptom.printed:
            fault = printed.fault or symptom.fault
            if printed.by in MEASURED and fault is not None:
                yield printed, fault


CLAIMS = list(claims())


def said_by(outcome: Outcome, text: str) -> bool:
    """Whether the text has the class, the exit code or the cause that was recorded.

    A text without any of them is a message; the clients themselves are asked for it below.
    """
    raised = outcome.raised or ""
    name = re.match(r"(?:(\w+)\.)?(?:\w+\.)*(\w+(?:Error|Timeout))\b", text)
    exit_code = re.match(r"curl: \((\d+)\)", text)
    cause = re.match(r"code: '(\w+)'", text)
    if exit_code:
        return f"curl {exit_code[1]}" in raised
    if cause:
        return outcome.cause == cause[1]
    if name:
        return raised == ".".join(filter(None, name.groups()))
    return bool(raised)


@pytest.mark.parametrize(("printed", "fault"), CLAIMS, ids=lambda value: str(value)[:60])
def test_what_a_client_prints_has_the_class_or_the_code_that_was_recorded(
    content: Content, printed: Printed, fault: str
) -> None:
    outcomes = content.outcomes.of(fault)
    of_client = [
        one
        for one in outcomes
        if one.fault == fault and one.client.startswith(MEASURED[printed.by])
    ]
    assert any(said_by(one, printed.text) for one in of_client), (printed, of_client)


def test_a_class_that_was_not_recorded_would_be_noticed(content: Content) -> None:
    (drop,) = [one for one in content.outcomes.of("drop;at=1") if one.client == "python-stream"]
    (curl,) = [one for one in content.outcomes.of("drop;at=1") if one.client == "curl"]
    assert said_by(drop, "httpx2.RemoteProtocolError: peer closed")
    assert not said_by(drop, "httpx.RemoteProtocolError: peer closed")
    assert not said_by(drop, "httpx2.ReadError: x")
    assert said_by(curl, "curl: (18) transfer")
    assert not said_by(curl, "curl: (56) Recv")


def test_clients_print_what_the_table_says() -> None:
    faults = {fault for _, fault in CLAIMS}
    cases = [quick(case) for case in client_cases() if case.fault in faults]
    assert {case.fault for case in cases} == faults
    printed: dict[tuple[str, str], str] = {}
    # A site of its own: the keys are those by which other tests count a client's requests.
    with running() as server:
        met = meet(server.url, cases)
    for _, *found in met:
        for one in found:
            family = one["client"].partition("-")[0]
            key = family, one["fault"]
            printed[key] = printed.get(key, "") + one["printed"]
    missing = [
        (claim.text, printed[MEASURED[claim.by], fault])
        for claim, fault in CLAIMS
        if claim.text not in printed[MEASURED[claim.by], fault]
    ]
    assert missing == []


def quick(case: Case) -> Case:
    """With shorter limits where it is time that is met: the message is what is looked for."""
    if case.limit == PATIENT:
        return case
    return replace(case, limit=0.5, guard=min(case.guard, 3) if case.guard < PATIENT else PATIENT)


def iterate_the_manager(client: anthropic.Anthropic) -> None:
    manager: Any = client.messages.stream(**HELLO)
    for _ in manager:
        pass


def ask_for_a_long_answer(client: anthropic.Anthropic) -> None:
    client.messages.create(**{**HELLO, "max_tokens": 21_334})


def read_the_first_block(client: anthropic.Anthropic) -> None:
    thinks = client.with_options(base_url=f"{client.base_url}thinking")
    message: Any = thinks.messages.create(**HELLO)
    print(message.content[0].text)


def read_the_text_of_a_refusal(client: anthropic.Anthropic) -> None:
    refused = client.with_options(base_url=f"{client.base_url}refusal")
    with refused.messages.stream(**HELLO) as stream:
        stream.get_final_text()


# Where no fault is met: what a program does.
MISTAKES: dict[str, Callable[[anthropic.Anthropic], None]] = {
    "manager": iterate_the_manager,
    "ten-minutes": ask_for_a_long_answer,
    "first-block": read_the_first_block,
    "refused": read_the_text_of_a_refusal,
}


@pytest.mark.parametrize("name", MISTAKES)
def test_python_prints_what_the_table_says_of_a_mistake(unpaced: str, name: str) -> None:
    (symptom,) = [one for one in SYMPTOMS if one.id == name]
    client = anthropic.Anthropic(api_key="any", base_url=f"{unpaced}/simulator")
    with pytest.raises(Exception) as raised:
        MISTAKES[name](client)
    told = "".join(traceback.format_exception_only(raised.value))
    assert [one.text for one in symptom.printed if one.text not in told] == []


def test_every_text_of_a_measured_client_is_tried() -> None:
    tried = {printed.text for printed, _ in CLAIMS}
    untried = {
        symptom.id
        for symptom in SYMPTOMS
        for printed in symptom.printed
        if printed.by in MEASURED and printed.text not in tried
    }
    assert untried == MISTAKES.keys()


def test_the_table_has_a_row_for_each_symptom_with_links_and_an_anchor(content: Content) -> None:
    page = content.pages["errors"]
    rows = re.findall(
        r"<tr>\s*<td>.*?</tr>", page.html.partition('id="three-moments"')[0], re.DOTALL
    )
    assert len(rows) == len(SYMPTOMS)
    for symptom, row in zip(SYMPTOMS, rows, strict=True):
        assert f'<strong id="seen-{symptom.id}">' in row
        assert 'href="/guide/' in row
        assert ('href="/simulator' in row) == (symptom.fault is not None)
        assert ('href="/demo' in row) == (symptom.scenario is not None)


def test_the_page_as_markdown_has_the_table_without_what_only_a_browser_shows(
    content: Content,
) -> None:
    text = content.pages["errors"].markdown
    assert "| **A 529: overloaded** *Python* `anthropic.OverloadedError: Error code: 529`" in text
    assert "seen-overloaded" not in text
    assert "```filter" not in text


def test_a_row_joins_what_one_client_prints(content_context: ContentContext) -> None:
    printed = (Printed("A", "x `y`"), Printed("B", "z"), Printed("A", "w"))
    symptom = Symptom("id", "Seen *so*", "Why", "[Do](/guide/errors)", printed, fault="drop;at=2")
    row = symptom_table((symptom,), content_context.scenarios, with_anchors=True).split("\n")[2]
    assert row == (
        r"| **Seen \*so\***{#seen-id} *A* `` x `y` `` `w` *B* `z` | Why | [Do](/guide/errors) "
        "| [The connection breaks](/simulator?scenario=hello&fault=drop%3Bat%3D2) |"
    )


def test_the_directive_takes_no_arguments(page_of: Callable[[str], GuidePage]) -> None:
    with pytest.raises(ContentError, match="symptoms takes no arguments"):
        page_of("::: symptoms all")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "x", "seen": "s", "happened": "h"}, "symptoms.toml: symptoms.0.do: is missing"),
        (
            {"id": "x", "seen": "s", "happened": "h", "do": "d", "note": "n"},
            "symptoms.toml: symptoms.0.note: is not known",
        ),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(
    tmp_path: Path, row: dict[str, str], message: str
) -> None:
    path = tmp_path / "symptoms.toml"
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in row.items())
    path.write_text(f"[[symptoms]]\n{lines}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(message)):
        load_symptoms(path)
