"""The programs of the generator on faults, beside each other, against a site that runs."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from streamguide.content import Content
from streamguide.generator.fault_matrix import BAD, key_of
from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import RECOVERY, Options, read
from streamguide.generator.render import render
from streamguide.models import Models
from streamguide.recordings import CORPUS
from tools import nodejs, process
from tools.faults import relays, running
from tools.faults.cases import SCENARIO, WITH_TOOL, Case
from tools.faults.judge import Met, judge
from tools.faults.plans import Plans, Sent
from tools.faults.running import Ran
from tools.process import ROOT

FOLDER = ROOT / "build" / "survival"
# In seconds. Short, so that a measurement is quick; without streaming it is a limit on the answer,
# which takes two or three seconds at real time.
_SILENCE = {True: 2, False: 10}
_MAX_TOKENS = 20_000
# A run mostly waits, on purpose.
_AT_ONCE = 12
_SECONDS = 90.0
# For the limit on silence that programs have unless told otherwise; curl's comes late.
_LONG_SILENCE = Case("stall", "slow;factor=0+stall;seconds=300")
_LONG_SECONDS = 200.0
_COMPILING_SECONDS = 120.0
_TSC = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
_SERVE = Path(__file__).with_name("serve.mjs")
_COMPILED = {".mts": ".mjs", ".ts": ".js"}
_STRICT = ("--strict", "--skipLibCheck", "--target", "es2023", "--module", "nodenext")
# A fallback follows some failures; a bad result counts whenever it happens.
_TELLING = (*BAD, "b")
_NONE = Case("none", "none")
_AT_FULL_SPEED = Case("none", "slow;factor=0")

Requests = list[dict[str, Any]]


def distinct(models: Models) -> dict[str, Options]:
    """One program for each choice that can matter to a fault, by its key; what does not matter is
    as the form has it."""
    found: dict[str, Options] = {}
    for language in LANGUAGES:
        for options in _choices(read({"language": [language]}, models)):
            found.setdefault(key_of(options), options)
    return found


def untouched(models: Models) -> dict[str, Options]:
    """A program of each language with nothing chosen, its limit on silence least of all."""
    chosen = {name: read({"language": [name]}, models) for name in LANGUAGES}
    return {name: replace(one, max_tokens=_MAX_TOKENS) for name, one in chosen.items()}


def _choices(plain: Options) -> Iterator[Options]:
    plain = replace(plain, max_tokens=_MAX_TOKENS)
    tools = (False,) if plain.language == "curl" or plain.is_relay else (False, True)
    for stream in (True,) if plain.is_relay else (True, False):
        for tool in tools:
            for breaker in (False, True) if tool or plain.is_relay else (False,):
                for recovery in RECOVERY:
                    yield replace(
                        plain,
                        silence_timeout=_SILENCE[stream],
                        stream=stream,
                        tool=tool,
                        breaker=breaker,
                        recovery=recovery,
                    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A run: the program's key, the fault, its letter, why it is bad, and the run itself."""

    program: str
    fault: str
    letter: str
    why: str
    ran: Ran


def compiled(files: Sequence[Path], node: str) -> list[Path]:
    """The files to run: of those in TypeScript what tsc makes of them, as `tsx` would at each start.

    Raises RuntimeError for wrong types.
    """
    typed = [str(path) for path in files if path.suffix in _COMPILED]
    if typed:
        command = (node, str(_TSC), "--ignoreConfig", *_STRICT, *typed)
        ended = process.run(command, seconds=_COMPILING_SECONDS)
        if not ended.ok:
            raise RuntimeError(ended.output)
    return [path.with_suffix(_COMPILED.get(path.suffix, path.suffix)) for path in files]


def command_of(file: Path, node: str) -> list[str]:
    """What runs a program; one in Python is run by its path alone."""
    if file.stem == "handler":
        return [node, str(_SERVE), str(file)]
    return [*{".py": [], ".sh": ["bash"]}.get(file.suffix, [node]), str(file)]


@contextmanager
def measuring(library: Content, url: str) -> Iterator[Measure]:
    """Ready to run programs against the site at this address (without a slash at the end)."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    # In the project's folder, because there Node.js finds the SDK; one for each measurement,
    # because several may run beside each other.
    with httpx2.Client(base_url=url) as site, TemporaryDirectory(dir=FOLDER) as folder:
        yield Measure(library, url, site, Path(folder))


class Measure:
    """Runs programs, each in a folder of its own and with a key of its own."""

    def __init__(self, library: Content, url: str, site: httpx2.Client, folder: Path) -> None:
        self._library = library
        self._url = url
        self._site = site
        self._folder = folder
        self._plans = Plans(library)
        self._numbers = itertools.count(1)
        self._node = nodejs.find() or "node"

    def all(
        self, programs: Mapping[str, Options], pairs: Iterable[tuple[str, Case]]
    ) -> Iterator[Judged]:
        """Each pair of a program and a case, judged; in their order."""
        pairs = list(pairs)
        keys = list(dict.fromkeys(key for key, _ in pairs))
        files = self._written({key: programs[key] for key in keys})
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(lambda key: self._whole(programs[key], files[key]), keys)
            wholes = dict(zip(keys, found, strict=True))

            def one(pair: tuple[str, Case]) -> Judged:
                key, case = pair
                return self._judged(key, programs[key], files[key], case, *wholes[key])

            yield from pool.map(one, pairs)

    def one(self, options: Options, file: Path, case: Case) -> Judged:
        """A program of these options, in a file that may hold another one, judged on a case."""
        return self._judged("", options, file, case, *self._whole(options, file))

    def silences(self, programs: Mapping[str, Options]) -> dict[str, float]:
        """After how many seconds each program gave up on a stream that fell silent."""
        files = self._written(programs)

        def one(key: str) -> float:
            (ran, _), *_ = self._run(programs[key], files[key], _LONG_SILENCE, _LONG_SECONDS)
            assert ran.code == 3, f"{key}: {ran}"
            return round(ran.end, 1)

        with ThreadPoolExecutor(len(files)) as pool:
            return dict(zip(files, pool.map(one, files), strict=True))

    def requests(self, key: str, options: Options) -> Requests:
        """The bodies of a program's requests, answered without pauses."""
        _, requests = self.run(key, options, _AT_FULL_SPEED)
        return [json.loads(request["body"]) for request in requests]

    def run(self, key: str, options: Options, case: Case) -> tuple[Ran, Requests]:
        """A run of a program, and the journal's entries of its requests for messages.

        A relay is asked once, so it must be one without a breaker.
        """
        (found,) = self._run(options, self._written({key: options})[key], case)
        return found

    def recordings(
        self, key: str, options: Options, names: Iterable[str]
    ) -> Iterator[tuple[Ran, Requests]]:
        """A program's run on each recording of the corpus, and its requests; in their order."""
        file = self._written({key: options})[key]

        def one(name: str) -> tuple[Ran, Requests]:
            (found,) = self._run(options, file, _NONE, scenario=f"{CORPUS}{name}")
            return found

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from pool.map(one, names)

    def _written(self, programs: Mapping[str, Options]) -> dict[str, Path]:
        """The file of each program, TypeScript already compiled: what `tsx` does, but once."""
        files = {}
        for key, options in programs.items():
            program = render(options, self._library.models, self._library.table)
            files[key] = self._folder / "programs" / key.replace(" ", "-") / program.file
            files[key].parent.mkdir(parents=True, exist_ok=True)
            files[key].write_text(program.text, encoding="utf-8")
        return dict(zip(files, compiled(list(files.values()), self._node), strict=True))

    def _whole(self, options: Options, file: Path) -> tuple[str, list[str]]:
        """The text without a fault, and the bodies of the requests that it takes."""
        ((_, requests),) = self._run(options, file, _AT_FULL_SPEED)
        bodies = [request["body"] for request in requests]
        text = "".join(self._sent(options, _NONE, body).text for body in bodies)
        return text, bodies

    def _judged(
        self, key: str, options: Options, file: Path, case: Case, whole: str, bodies: list[str]
    ) -> Judged:
        found = []
        number = 1
        for ran, requests in self._run(options, file, case):
            sent = self._sent(options, case, bodies[0], number)
            met = Met(options, case, ran, requests, whole, len(bodies), sent)
            found.append(Judged(key, case.fault, *judge(met), ran))
            number += len(requests)
        # Of several questions the first counts, unless a later one tells more.
        return next((one for one in found if one.letter in _TELLING), found[0])

    def _sent(self, options: Options, case: Case, body: str, number: int = 1) -> Sent:
        return self._plans.sent(f"{_scenario(options)}/{case.path}", body, number)

    def _run(
        self,
        options: Options,
        file: Path,
        case: Case,
        seconds: float = _SECONDS,
        scenario: str = "",
    ) -> list[tuple[Ran, Requests]]:
        """A program's run and its requests for messages; of a relay, those of each question."""
        number = next(self._numbers)
        # Other measurements may run on the same site, whose journal outlives them all.
        key = f"survival-{self._folder.name}-{number}"
        folder = self._folder / "runs" / str(number)
        folder.mkdir(parents=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "ANTHROPIC_API_KEY": key,
            "ANTHROPIC_BASE_URL": case.base(self._url, scenario or _scenario(options)),
        }
        command = command_of(file, self._node)
        if options.is_relay:
            asked = relays.ask(options, command, self._node, folder, environment, seconds)
            found = relays.split(asked, self._requests(key))
        else:
            ran = running.run(command, folder, environment, seconds)
            found = [(ran, self._requests(key))]
        shutil.rmtree(folder)
        return found

    def _requests(self, key: str) -> Requests:
        """The journal's entries of the key's requests for messages."""
        told = self._site.get("/simulator/journal.json", headers={"x-api-key": key})
        requests = told.raise_for_status().json()["requests"]
        return [one for one in requests if one["path"].endswith("/v1/messages")]


def _scenario(options: Options) -> str:
    return WITH_TOOL if options.tool else SCENARIO
