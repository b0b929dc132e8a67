"""The rules in the guide, each with its evidence; and the recordings, each once."""

from __future__ import annotations

import re

from streamguide.content import Content


def rule_section(content: Content, rule: str) -> str:
    text = content.pages["rules"].markdown
    return re.split(r"\n##", text.partition(f"{{#rule-{rule}}}")[2])[0]


def recording_line(content: Content, name: str) -> str:
    text = content.pages["corpus"].markdown
    lines: list[str] = re.findall(rf"^\*\*`{name}`\*\* .*$", text, re.MULTILINE)
    assert len(lines) == 1
    return lines[0]


def test_every_rule_is_on_the_page_with_what_a_client_does_and_its_evidence(
    content: Content,
) -> None:
    for rule in content.rules.values():
        text = rule_section(content, rule.id)
        assert f"**{rule.rule}**\n\nA client\n:   {rule.client}" in text
        assert all(one.text in text for one in rule.evidence)
        assert content.pages["rules"].html.count(f'id="rule-{rule.id}"') == 1


def test_rules_and_recordings_link_to_each_other(content: Content) -> None:
    for name, recording in content.recordings.items():
        line = recording_line(content, name)
        assert f"(/demo?scenario=corpus:{name})" in line
        for rule in recording.expected.rules:
            number = content.rules[rule].number
            assert f"[{number}](/guide/rules#rule-{rule})" in line
            assert f"[`{name}`](/guide/corpus#corpus-{name})" in rule_section(content, rule)


def test_the_page_says_whether_a_message_is_complete_and_what_may_differ(content: Content) -> None:
    lines = content.pages["corpus"].markdown
    assert "The connection breaks in the middle of an event: **incomplete**." in lines
    assert "Another good client may read whether it is complete differently." in lines


def test_only_the_page_has_strips(content: Content) -> None:
    page = content.pages["corpus"]
    assert page.html.count('class="strip-line"') == len(content.recordings)
    assert "```strip" not in page.markdown
