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


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "conformance.json"
    path.write_text(dumps(FOUND), encoding="utf-8")
    assert load(path) == FOUND
