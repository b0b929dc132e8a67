"""The command `streamguide`, which is `python -m streamguide` too.

A subcommand imports what it needs when it runs: servers have to patch the standard library first,
and the simulator does without the packages of the site.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import math
import os
import runpy
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streamguide import __version__
from streamguide.files import CONTENT, ROOT

if TYPE_CHECKING:
    from streamguide.conform import RecordingVerdict
    from streamguide.settings import Settings

_EPILOG = """\
An unchanged program meets a fault:

  streamguide simulator --port 8123
  ANTHROPIC_BASE_URL='http://127.0.0.1:8123/simulator/hello/drop;at=9' \\
    ANTHROPIC_API_KEY=any python your_program.py

A test asks for one with the fixture `claude`, which pytest finds by itself:

  def test_a_cut_answer_is_no_answer(claude):
      claude.plays("hello").breaks("drop", at=9)

exit status: 0 if all is well; 1 if a client failed or a stream breaks a rule, or if an address
cannot be listened on; 2 for wrong arguments, a file that cannot be read, or a program that cannot
be run; 130 after Ctrl-C. `streamguide COMMAND --help` says more."""
_SERVE = """\
Serves the whole site: guide, event reference, demo, generator, simulator, and live mode if
ANTHROPIC_API_KEY is set. Variables of the environment and of a file .env set it up. It needs
pip install 'streamguide[site]', and live mode 'streamguide[live]'."""
_SIMULATOR = """\
Serves an endpoint that speaks Claude's wire and fails on cue, without the site around it. When it
listens, it prints one line of JSON to standard output: {"base_url": "http://127.0.0.1:…/simulator"}.
A base URL may go on with a scenario and a fault, as in /simulator/hello/drop;at=9."""
_SIMULATOR_EPILOG = """\
From a script, with any free port:

  streamguide simulator --port 0 > address.json &

exit status: 0 after SIGTERM, Ctrl-C or the end of standard input; 1 if the address cannot be
listened on; 2 if an argument is wrong, or a file of --scenarios cannot be played."""
_RECORD = """\
Passes requests on to an API with the key that they have, and keeps its answers with their bytes,
times and end. It prints one line of JSON when it listens: {"base_url": "http://127.0.0.1:…/record"}.
What it keeps in --recordings DIR is played by `streamguide simulator --scenarios DIR`, and in tests
by claude.replays("DIR/NAME.sse"). It needs pip install 'streamguide[record]'."""
_RECORD_EPILOG = """\
exit status: 0 after SIGTERM or Ctrl-C, 1 if the address cannot be listened on, 2 if an argument is
wrong. Prompts come back in answers: read a recording before you give it away."""
_CONFORM = """\
Runs the command once for each recording of the corpus, with an address and a key of its own in
ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY, and judges what it claims. It has to ask for one message as a
stream, print the text and nothing else to standard output, and exit with 0 if the message is
complete, and with anything else if it is not. {readme} has an example."""
_CONFORM_EPILOG = "exit status: 0 if the client passed all, 1 if not, 2 if it could not be run."
_INSPECT = """\
Reads the bytes of a stream as they were received, such as those of `curl -sN …`, and names the rules
of content/reading.toml that they break: the first event and byte where each one does, and what a
client does."""
_INSPECT_EPILOG = "exit status: 0 if no rule is broken, 1 if one is, 2 if the file cannot be read."
_SCENARIOS = "Lists the scenarios: what can be played, as in /simulator/NAME."
_FAULTS = """\
Lists the faults in their groups, with the parameters of each: what can be broken, as in
/simulator/hello/NAME;PARAMETER=VALUE. The name of a group, or of a fault, lists only those."""
_CHUNK = 65_536


class _CannotRun(Exception):
    """The command cannot do what it was asked. The message is one line that says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns the exit status, which `--help` documents."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
    except _CannotRun as error:
        print(f"{error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="streamguide",
        description="Learn streaming with the Claude API, and test your own client without a key.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str,
        run: Callable[[argparse.Namespace], int],
        help: str,
        description: str,
        epilog: str = "",
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=help,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(run=run)
        return added

    serve = command("serve", _serve, "serve the whole site", _SERVE)
    simulator = command(
        "simulator", _simulator, "serve the simulator alone", _SIMULATOR, _SIMULATOR_EPILOG
    )
    record = command(
        "record",
        _record,
        "pass requests on to an API, and keep the answers",
        _RECORD,
        _RECORD_EPILOG,
    )
    record.add_argument("--to", metavar="URL", help="the API (default: https://api.anthropic.com)")
    record.add_argument(
        "--recordings", metavar="DIR", help="where to keep them; without it, nowhere"
    )
    for server in (serve, simulator, record):
        server.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
        server.add_argument("--port", help="its port; 0 takes any free one (default: 8000)")
    for server in (serve, simulator):
        server.add_argument(
            "--scenarios",
            metavar="DIR",
            help="a folder of your own scenarios, recordings and texts, to be played by name",
        )
    simulator.add_argument(
        "--until-stdin-ends",
        action="store_true",
        help="end with standard input: it closes also when the program that holds it was killed",
    )
    _add_readers(command)
    return parser


def _add_readers(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands that serve nothing."""
    about = _CONFORM.format(readme=CONTENT / "corpus" / "README.md")
    conform = command(
        "conform", _conform, "judge a client by the corpus of streams", about, _CONFORM_EPILOG
    )
    _add_conform_arguments(conform)
    inspect = command(
        "inspect", _inspect, "name the rules that a stream breaks", _INSPECT, _INSPECT_EPILOG
    )
    inspect.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="default: standard input"
    )
    scenarios = command("scenarios", _scenarios, "list what can be played", _SCENARIOS)
    faults = command("faults", _faults, "list what can be broken", _FAULTS)
    faults.add_argument("names", nargs="*", metavar="NAME", help="a group, or a fault")
    for lister in (inspect, scenarios, faults):
        lister.add_argument("--json", action="store_true", help="print one JSON object")


def _add_conform_arguments(conform: argparse.ArgumentParser) -> None:
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


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < math.inf:
            raise ValueError
        return value

    return number


def _serve(options: argparse.Namespace) -> int:
    for name in ("host", "port", "scenarios"):
        if getattr(options, name) is not None:
            os.environ[name.upper()] = getattr(options, name)
    _check_extra("site", "markdown", "pymdownx", "pygments", "dotenv")
    runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
    return 0


def _check_extra(extra: str, *packages: str) -> None:
    """Raises _CannotRun if an extra of the package is not installed."""
    if any(importlib.util.find_spec(package) is None for package in packages):
        raise _CannotRun(f"This needs more packages: pip install 'streamguide[{extra}]'")


def _simulator(options: argparse.Namespace) -> int:
    def run(settings: Settings) -> None:
        from streamguide.standalone import run_simulator

        run_simulator(settings, until_stdin_ends=options.until_stdin_ends)

    return _alone(options, {"SCENARIOS": options.scenarios}, run)


def _record(options: argparse.Namespace) -> int:
    def run(settings: Settings) -> None:
        from streamguide.standalone import run_recorder

        run_recorder(settings)

    _check_extra("record", "httptools", "httpx2")
    given = {"RECORD_BASE_URL": options.to, "RECORDINGS": options.recordings}
    return _alone(options, given, run)


def _alone(
    options: argparse.Namespace, given: Mapping[str, str | None], run: Callable[[Settings], None]
) -> int:
    """Serve a part of the site with these settings, and those of the address."""
    # Before anything that waits is imported.
    from gevent import monkey

    monkey.patch_all()
    from streamguide.settings import SettingsError, from_environment

    given = {**given, "HOST": options.host, "PORT": options.port}
    try:
        run(from_environment({name: value or "" for name, value in given.items()}))
    except SettingsError as error:
        raise _CannotRun(str(error)) from None
    return 0


def _conform(options: argparse.Namespace) -> int:
    from streamguide.conform import CannotRun, chosen, report, run_all, simulator
    from streamguide.reading.rules import load as load_rules
    from streamguide.recordings import load_all

    rules = load_rules(CONTENT / "reading.toml")
    verdicts = []
    try:
        recordings = chosen(options.only, load_all(CONTENT / "corpus", rules), rules)
        with simulator() as base_url:
            for verdict in run_all(
                base_url, options.command, recordings, options.seconds, options.jobs
            ):
                print(_line(verdict), flush=True)
                verdicts.append(verdict)
    except CannotRun as error:
        raise _CannotRun(str(error)) from None
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
    from streamguide.inspection import Inspector
    from streamguide.reading.rules import load as load_rules

    inspector = Inspector()
    try:
        with sys.stdin.buffer if options.file == "-" else Path(options.file).open("rb") as source:
            while chunk := source.read(_CHUNK):
                inspector.feed(chunk)
    except OSError as error:
        raise _CannotRun(f"{options.file} cannot be read: {error.strerror}") from error
    found, rules = inspector.end(), load_rules(CONTENT / "reading.toml")
    if options.json:
        print(json.dumps(found.as_json(rules), indent=1))
    else:
        _print(found.lines(rules))
    return 1 if found.findings else 0


def _print(lines: Iterable[str]) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A console may be unable to encode a character of the stream.
        sys.stdout.reconfigure(errors="replace")
    for line in lines:
        print(line)


def _scenarios(options: argparse.Namespace) -> int:
    from streamguide.library import load_library
    from streamguide.simulator.catalog import index

    scenarios = index(load_library().scenarios, {})["scenarios"]
    if options.json:
        print(json.dumps({"scenarios": scenarios}, ensure_ascii=False, indent=1))
    else:
        _print(f"{one['name']:<24} {one['title']}: {one['help']}" for one in scenarios)
    return 0


def _faults(options: argparse.Namespace) -> int:
    from streamguide.simulator.faults import BY_MOMENT, FAULTS

    known = {name for fault in FAULTS.values() for name in (fault.name, fault.moment)}
    wanted = set(options.names)
    if unknown := sorted(wanted - known):
        raise _CannotRun(
            f"{unknown[0]!r} is neither a fault nor a group; `streamguide faults` lists them"
        )
    groups = {
        title: [one for one in faults if not wanted or wanted & {one.name, one.moment}]
        for title, faults in BY_MOMENT.items()
    }
    if options.json:
        found = [fault.as_json() for faults in groups.values() for fault in faults]
        print(json.dumps({"faults": found}, ensure_ascii=False, indent=1))
        return 0
    for title, faults in groups.items():
        if faults:
            _print([f"{title} ({faults[0].moment})"])
        for fault in faults:
            _print([f"  {fault.name}: {fault.help}"])
            _print(f"    {one.name}: {one.help}" for one in fault.own_parameters)
    _print(["Which requests meet it (every fault takes these)"])
    _print(f"    {one.name}: {one.help}" for one in FAULTS["none"].schedule)
    return 0


if __name__ == "__main__":
    sys.exit(main())
