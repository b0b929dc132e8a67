"""What clients do with the corpus, in the guide."""

from __future__ import annotations

from pathlib import Path

from streamguide.conform import Complaint
from streamguide.guide.conformance import Conformance, JudgedClient, dumps, load
from streamguide.guide.corpus import conformance_table

CLAIM = Complaint("claim", "exit 0 for a message that is not complete")
FOUND = Conformance(
    (
        JudgedClient(
            "python-create", "2.14.0", "python3.11", "2026-11-29", {"a": (), "b": (CLAIM,)}
        ),
        JudgedClient("curl", "8.1.0", "curl8 jq-1.7", "2026-11-28", {"a": (), "b": ()}),
    )
)


def test_a_recording_that_some_client_fails_has_a_row() -> None:
    assert conformance_table(FOUND) == (
        "Measured on 2026-11-28 and 2026-11-29: anthropic 2.14.0 on Python 3.11, "
        "curl 8.1.0 and jq 1.7. Passed: Python `create()` 1 of 2, curl and jq 2 of 2.\n\n"
        "| Recording | Python `create()` | curl and jq |\n"
        "| --- | --- | --- |\n"
        "| [`b`](#corpus-b) | **✕ called complete** | ● |"
    )


def test_programs_of_the_generator_have_a_sentence_and_others_a_column() -> None:
    day, node = "2026-11-29", "node22"
    judged = (
        JudgedClient("generator-python", "2.14.0", "python3.11", day, {"a": (), "b": ()}),
        JudgedClient("generator-curl", "8.1.0", "curl8 jq-1.7", day, {"a": (CLAIM,), "b": ()}),
        JudgedClient(
            "ai-sdk", "ai 6.0, @ai-sdk/anthropic 3.0", node, day, {"a": (), "b": (CLAIM,)}
        ),
    )
    assert conformance_table(Conformance(judged)) == (
        "Measured on 2026-11-29: ai 6.0, @ai-sdk/anthropic 3.0 on Node.js 22. "
        "Passed: AI SDK 1 of 2.\n\n"
        "Programs of the [generator](/generator) passed: Python 2 of 2; "
        "curl and jq (bash) 1 of 2 (not [`a`](#corpus-a)).\n\n"
        "| Recording | AI SDK |\n"
        "| --- | --- |\n"
        "| [`b`](#corpus-b) | **✕ called complete** |"
    )


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "conformance.json"
    path.write_text(dumps(FOUND), encoding="utf-8")
    assert load(path) == FOUND
