"""Judging clients: by text, exit status, time and requests."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from streamguide.__main__ import main
from streamguide.conform import CannotRun, Ran, chosen, judge, run_all
from streamguide.content import load_content
from streamguide.files import CONTENT

LIBRARY = load_content()
RECORDINGS = LIBRARY.recordings
WHOLE = "The tide comes in twice a day."
README = (CONTENT / "corpus" / "README.md").read_text(encoding="utf-8")
# The README's client of ten lines.
(EXAMPLE,) = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def complaints(
    name: str, code: int | None, out: str, *, requests: int = 1, seconds: float = 0.5
) -> tuple[str, ...]:
    judged = judge(RECORDINGS[name], Ran(code, out, "", seconds, requests))
    return tuple(one.words for one in judged)


@pytest.mark.parametrize(
    ("name", "code", "out"),
    [
        ("plain", 0, WHOLE),
        ("plain", 0, f"{WHOLE}\n"),
        ("dropped", 1, "The tide comes "),
        ("dropped", 3, "The tide comes \n"),
        ("dropped", 1, ""),
        ("error-event", 1, "The tide comes "),
        # Whether this one is complete may be read either way.
        ("message-stop-without-blank-line", 0, WHOLE),
        ("message-stop-without-blank-line", 1, WHOLE),
        ("half-characters-joined", 0, "?"),
        ("call", 0, ""),
    ],
)
def test_a_client_passes_that_claims_no_more_than_it_has(name: str, code: int, out: str) -> None:
    assert complaints(name, code, out) == ()


@pytest.mark.parametrize(
    ("name", "code", "out", "told"),
    [
        ("plain", 1, WHOLE, "exit 1 for a message that is complete"),
        ("plain", 0, "The tide", 'it printed "The tide" for "The tide comes in twice a day."'),
        ("plain", 0, f"{WHOLE}null", f'it printed "{WHOLE}null" for "{WHOLE}"'),
        ("dropped", 0, "The tide comes ", "exit 0 for a message that is not complete"),
        ("dropped", 1, WHOLE, f'it printed "{WHOLE}" for "The tide comes "'),
        ("message-stop-without-blank-line", 0, "", f'it printed "" for "{WHOLE}"'),
        ("call", 0, "get_tide", 'it printed "get_tide" for ""'),
    ],
)
def test_a_client_fails_that_claims_something_else(
    name: str, code: int, out: str, told: str
) -> None:
    assert complaints(name, code, out) == (told,)


def test_a_client_fails_that_does_not_end_or_asks_too_often_or_never() -> None:
    assert complaints("pings-for-ever", None, WHOLE, seconds=20) == ("it still ran after 20 s",)
    assert complaints("plain", 0, WHOLE, requests=2) == ("2 requests for an answer that was there",)
    assert complaints("html-520", 1, "", requests=3) == ()
    assert complaints("plain", 0, WHOLE, requests=0) == (
        "the simulator got no request with its key",
    )


def test_recordings_are_chosen_by_their_name_a_rule_or_an_area() -> None:
    def names(*only: str) -> list[str]:
        return [one.name for one in chosen(only, RECORDINGS, LIBRARY.rules)]

    assert names() == list(RECORDINGS)
    assert names("plain", "error-first") == ["error-first", "plain"]
    assert names("line-ends") == ["crlf-divided", "line-ends-cr", "line-ends-crlf"]
    assert {"usage-zero", "input-grows"} <= set(names("usage"))
    with pytest.raises(CannotRun, match="'nothing' is neither a recording nor a rule"):
        names("plain", "nothing")


def test_a_program_that_hangs_is_ended_with_those_that_it_started(
    site: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    # Who holds the output open is waited for, so that this ends only if both are ended.
    hangs = "__import__('subprocess').run(['sleep', '1000'])"
    program.write_text(EXAMPLE.replace("sys.exit(0)", hangs))
    command = [sys.executable, str(program)]
    (verdict,) = run_all(f"{site}/simulator", command, [RECORDINGS["plain"]], 4, 1)
    assert [one.kind for one in verdict.complaints] == ["time"]
    assert verdict.ran.out == WHOLE


def test_the_example_of_the_readme_is_judged_and_a_failure_is_the_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client, written = tmp_path / "client.py", tmp_path / "report.json"
    client.write_text(EXAMPLE)
    only = [text for name in ("plain", "dropped", "text-null") for text in ("--only", name)]
    status = main(
        ["conform", *only, "--report", str(written), "--", sys.executable, str(client)],
    )
    lines = capsys.readouterr().out.splitlines()
    assert status == 1
    assert [line.split()[:2] for line in lines[:3]] == [
        ["ok", "dropped"],
        ["ok", "plain"],
        ["FAILED", "text-null"],
    ]
    assert lines[2].endswith(f'"The tide comes Nonein twice a day." for "{WHOLE}" (no-text)')
    assert lines[3:] == ["2 passed, 1 failed"]
    report = json.loads(written.read_text(encoding="utf-8"))
    assert (report["passed"], report["failed"]) == (2, 1)
    assert report["command"] == [sys.executable, str(client)]
    dropped, plain, null = report["cases"]
    assert (plain["exit"], plain["text"], plain["requests"], plain["passed"]) == (0, WHOLE, 1, True)
    assert (dropped["exit"], dropped["complete"], dropped["passed"]) == (1, False, True)
    assert dropped["said"].startswith("json.decoder.JSONDecodeError")
    assert [one["kind"] for one in null["complaints"]] == ["text"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--only", "nothing", "--", "true"], "'nothing' is neither a recording nor a rule"),
        (["--only", "plain", "--", "no-such-program"], "no-such-program: No such file"),
    ],
)
def test_what_cannot_be_run_is_said(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["conform", *arguments]) == 2
    assert capsys.readouterr().err.startswith(told)


@pytest.mark.parametrize("option", ["--seconds=0", "--jobs=-1", "--seconds=soon"])
def test_a_limit_that_is_no_number_above_zero_is_refused(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["conform", option, "--", "true"])
    assert "usage: streamguide conform" in capsys.readouterr().err
