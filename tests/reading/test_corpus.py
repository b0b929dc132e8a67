"""The corpus: it is what its tool writes, says something about each rule, and is read as expected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from streamguide.content_file import ContentError
from streamguide.files import CONTENT
from streamguide.reading import rules
from streamguide.reading.reader import StreamReader
from tools.corpus.files import FOLDER, SCHEMA, cases, files, read_otherwise

CASES = cases()
RULES = CONTENT / "reading.toml"


def test_the_stored_files_are_those_that_the_tool_writes() -> None:
    stored = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert stored.pop(SCHEMA)
    assert stored.pop("README.md")
    assert stored == files()


def test_every_rule_has_a_stream_and_every_stream_has_a_rule() -> None:
    told = [set(case.rules) for case in CASES.values()]
    assert set().union(*told) == set(rules.load(RULES))
    assert all(told)


def test_every_description_is_as_its_schema_says() -> None:
    schema = json.loads((FOLDER / SCHEMA).read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    for name in CASES:
        about = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        validator.validate(about)
        size = sum(count for _, count in about["response"]["chunks"])
        assert size == (FOLDER / f"{name}.sse").stat().st_size


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_every_stream_is_read_as_expected(size: int) -> None:
    wrong = [one for case in CASES.values() for one in read_otherwise(case, size)]
    assert wrong == []


def test_a_frame_without_end_ends_the_reading_and_is_named() -> None:
    reader = StreamReader(200, "text/event-stream")
    reader.feed(CASES["plain"].frames[0].data + b"data: ")
    for _ in range(33):
        reader.feed(b"x" * 1_000_000)
    reader.feed(b"\n\n" + CASES["plain"].frames[-1].data)
    ending = reader.end()
    assert not ending.is_complete
    assert "too-long" in ending.findings
    assert ending.words == "A frame has more than 32,000,000 bytes."


BROKEN_RULES = [
    ("number = 2\n", "number = 3\n", "other-fields: its number is 3, but it is rule 2"),
    ('id = "other-fields"', 'id = "comment"', "another rule has this id"),
    ("a comment.", "a comment. Or not.", "rule must be one sentence"),
    ('area = "order"', 'area = "disorder"', "area"),
    ('area = "order"', 'area = "usage"', "the rules of an area stand together"),
]


@pytest.mark.parametrize(("old", "new", "message"), BROKEN_RULES)
def test_wrong_rules_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = RULES.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "reading.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=message):
        rules.load(path)
