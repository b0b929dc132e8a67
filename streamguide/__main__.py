"""The commands: `python -m streamguide conform -- COMMAND…` judges a client."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from streamguide.conform import CannotRun, Verdict, chosen, report, run_all, simulator
from streamguide.content import CONTENT
from streamguide.reading.rules import load as load_rules
from streamguide.recordings import load_all

_CONFORM = """\
Runs the command once for each recording of the corpus, with an address and a key of its own in
ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY, and judges what it claims. It has to ask for one message as a
stream, print the text and nothing else to standard output, and exit with 0 if the message is
complete, and with anything else if it is not. content/corpus/README.md has an example."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 1 if a client failed, 2 if it could not be run."""
    options = _parser().parse_args(arguments)
    try:
        return _conform(options)
    except CannotRun as error:
        print(f"{error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m streamguide")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    conform = commands.add_parser(
        "conform", help="judge a client by the corpus of streams", description=_CONFORM
    )
    conform.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="a recording, a rule, or an area of rules; may be given several times",
    )
    conform.add_argument(
        "--seconds", type=_positive(float), default=20, help="the time limit of a run (default: 20)"
    )
    conform.add_argument(
        "--jobs",
        type=_positive(int),
        default=2 * (os.cpu_count() or 1),
        help="how many run at a time (default: two for each processor)",
    )
    conform.add_argument("--report", type=Path, metavar="FILE", help="where to write JSON")
    conform.add_argument("command", nargs="+", help="the program and its arguments, behind --")
    return parser


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < math.inf:
            raise ValueError
        return value

    return number


def _conform(options: argparse.Namespace) -> int:
    rules = load_rules(CONTENT / "reading.toml")
    recordings = chosen(options.only, load_all(CONTENT / "corpus", rules), rules)
    verdicts = []
    with simulator() as site:
        for verdict in run_all(site, options.command, recordings, options.seconds, options.jobs):
            print(_line(verdict), flush=True)
            verdicts.append(verdict)
    found = report(options.command, verdicts)
    if options.report is not None:
        text = json.dumps(found, ensure_ascii=False, indent=1)
        options.report.write_text(f"{text}\n", encoding="utf-8")
    print(f"{found['passed']} passed, {found['failed']} failed")
    return 1 if found["failed"] else 0


def _line(verdict: Verdict) -> str:
    result = "FAILED" if verdict.complaints else "ok"
    name, seconds = verdict.recording.name, verdict.ran.seconds
    line = f"{result:<7} {name:<32} {seconds:5.1f} s"
    if not verdict.complaints:
        return line
    rules = ", ".join(verdict.recording.expected.rules)
    return f"{line}  {'; '.join(one.words for one in verdict.complaints)} ({rules})"


if __name__ == "__main__":
    sys.exit(main())
