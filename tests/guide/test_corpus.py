"""The rules in the guide: each with its evidence, and each recording once."""

from __future__ import annotations

import re

from streamguide.content import Content


def section(content: Content, rule: str) -> str:
    text = content.pages["corpus"].markdown
    return re.split(r"\n##", text.partition(f"{{#rule-{rule}}}")[2])[0]


def test_every_rule_is_on_the_page_with_what_a_client_does_and_its_evidence(
    content: Content,
) -> None:
    for rule in content.rules.values():
        text = section(content, rule.id)
        assert f"**{rule.rule}**\n\nA client\n:   {rule.client}" in text
        assert all(one.text in text for one in rule.evidence)
        assert content.pages["corpus"].html.count(f'id="rule-{rule.id}"') == 1


def test_every_recording_is_at_its_first_rule_and_linked_from_the_others(content: Content) -> None:
    for name, recording in content.recordings.items():
        first, *others = recording.expected.rules
        own = section(content, first)
        assert f"**`{name}`**" in own
        assert f"(/demo?scenario=corpus:{name})" in own
        assert content.pages["corpus"].markdown.count(f"**`{name}`**") == 1
        assert all(f"[`{name}`](#corpus-{name})" in section(content, rule) for rule in others)


def test_the_page_says_whether_a_message_is_complete_and_what_may_differ(content: Content) -> None:
    dropped = section(content, "only-message-stop")
    assert "The connection breaks in the middle of an event: **incomplete**." in dropped
    assert "Another good client may read whether it is complete otherwise." in section(
        content, "last-blank-line"
    )


def test_only_the_page_has_strips(content: Content) -> None:
    page = content.pages["corpus"]
    assert page.html.count('class="strip-line"') == len(content.recordings)
    assert "```strip" not in page.markdown
