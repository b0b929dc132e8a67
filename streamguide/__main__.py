"""The commands: `python -m streamguide conform -- COMMAND…` judges a client, `inspect` a stream."""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from streamguide.conform import CannotRun, RecordingVerdict, chosen, report, run_all, simulator
from streamguide.content import CONTENT
from streamguide.inspection import Inspector
from streamguide.reading.rules import load as load_rules
from streamguide.recordings import load_all

_CONFORM = """\
Runs the command once for each recording of the corpus, with an address and a key of its own in
ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY, and judges what it claims. It has to ask for one message as a
stream, print the text and nothing else to standard output, and exit with 0 if the message is
complete, and with anything else if it is not. content/corpus/README.md has an example."""
_INSPECT = """\
Reads the bytes of a stream as they were received, such as those of `curl -sN …`, and names the rules
of content/reading.toml that they break: the first event and byte where each one does, and what a
client does. The exit status is 1 if a rule is broken, and 0 if none is."""
_CHUNK = 65_536


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns the exit status.

    1: a client failed, or a stream breaks a rule; 2: a program could not be run, or a file not read.
    """
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
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
    conform.set_defaults(run=_conform)
    inspect = commands.add_parser(
        "inspect", help="name the rules that a stream breaks", description=_INSPECT
    )
    inspect.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="default: standard input"
    )
    inspect.add_argument("--json", action="store_true", help="print one JSON object")
    inspect.set_defaults(run=_inspect)
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


def _line(verdict: RecordingVerdict) -> str:
    result = "FAILED" if verdict.complaints else "ok"
    name, seconds = verdict.recording.name, verdict.ran.seconds
    line = f"{result:<7} {name:<32} {seconds:5.1f} s"
    if not verdict.complaints:
        return line
    rules = ", ".join(verdict.recording.expected.rules)
    return f"{line}  {'; '.join(one.words for one in verdict.complaints)} ({rules})"


def _inspect(options: argparse.Namespace) -> int:
    inspector = Inspector()
    try:
        with sys.stdin.buffer if options.file == "-" else Path(options.file).open("rb") as source:
            while chunk := source.read(_CHUNK):
                inspector.feed(chunk)
    except OSError as error:
        raise CannotRun(f"{options.file} cannot be read: {error.strerror}") from error
    found, rules = inspector.end(), load_rules(CONTENT / "reading.toml")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A console may be unable to encode a character of the stream.
        sys.stdout.reconfigure(errors="replace")
    if options.json:
        print(json.dumps(found.as_json(rules), indent=1))
    else:
        print(*found.lines(rules), sep="\n")
    return 1 if found.findings else 0


if __name__ == "__main__":
    sys.exit(main())
