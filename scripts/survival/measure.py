"""Running programs on faults, beside each other, against a site that runs."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from scripts import nodejs, process
from scripts.process import ROOT
from scripts.survival import relays
from scripts.survival.cases import Case
from scripts.survival.judge import Met, judge
from scripts.survival.plans import Plans, Sent
from scripts.survival.running import Forks, Ran, serve
from scripts.survival.running import run as run_command
from streamguide.content import Content
from streamguide.generator.fault_matrix import BAD
from streamguide.generator.options import Options
from streamguide.generator.render import render

FOLDER = ROOT / "build" / "survival"
# Most of a run is waiting, on purpose.
_AT_ONCE = 12
_SECONDS = 90.0
# For the limit on silence that programs have unless told otherwise; curl's comes late.
_LONG_SILENCE = Case("stall", "slow;factor=0+stall;seconds=300")
_LONG_SECONDS = 200.0
_COMPILING_SECONDS = 120.0
_IMPORTS = ("anthropic", "httpx2")
_TSC = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
# A fallback is shown after some failures; what is bad is bad whenever it happens.
_TELLING = (*BAD, "b")
_NONE = Case("none", "none")
_AT_FULL_SPEED = Case("none", "slow;factor=0")


@dataclass(frozen=True, slots=True)
class Judged:
    """A run: the program's key, the fault, its letter, why it is bad, and the run itself."""

    program: str
    fault: str
    letter: str
    why: str
    ran: Ran


@contextmanager
def measuring(library: Content, url: str) -> Iterator[Measure]:
    """Ready to run programs against the site at this address (without a slash at the end)."""
    with ExitStack() as stack:
        forks = stack.enter_context(Forks(*_IMPORTS))
        serving = stack.enter_context(Forks(*_IMPORTS, *relays.IMPORTS))
        site = stack.enter_context(httpx2.Client(base_url=url))
        FOLDER.mkdir(parents=True, exist_ok=True)
        # In the project's folder, because there Node.js finds the SDK; one for each measurement,
        # because several may run beside each other.
        folder = Path(stack.enter_context(TemporaryDirectory(dir=FOLDER)))
        yield Measure(library, url, forks, serving, site, folder)


class Measure:
    """Runs programs, each in a folder of its own and with a key of its own."""

    def __init__(
        self,
        library: Content,
        url: str,
        forks: Forks,
        serving: Forks,
        site: httpx2.Client,
        folder: Path,
    ) -> None:
        self._library = library
        self._url = url
        self._forks = forks
        self._serving = serving
        self._site = site
        self._folder = folder
        self._plans = Plans(library)
        self._numbers = itertools.count(1)
        self._node = nodejs.find()

    def all(
        self, programs: Mapping[str, Options], pairs: Iterable[tuple[str, Case]]
    ) -> Iterator[Judged]:
        """Each pair of a program and a case, judged; in their order."""
        pairs = list(pairs)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            keys = list(dict.fromkeys(key for key, _ in pairs))
            files = self._compiled({key: self._written(key, programs[key]) for key in keys})
            wholes = dict(
                zip(keys, pool.map(lambda k: self._whole(programs[k], files[k]), keys), strict=True)
            )

            def one(pair: tuple[str, Case]) -> Judged:
                key, case = pair
                return self._judged(key, programs[key], files[key], case, *wholes[key])

            yield from pool.map(one, pairs)

    def one(self, options: Options, file: Path, case: Case) -> Judged:
        """A program of these options, in a file that may hold another one, judged on a case."""
        return self._judged("", options, file, case, *self._whole(options, file))

    def silences(self, programs: Mapping[str, Options]) -> dict[str, float]:
        """After how many seconds each program gave up on a stream that fell silent."""
        files = self._compiled({key: self._written(key, one) for key, one in programs.items()})

        def one(key: str) -> float:
            (ran, _), *_ = self._run(programs[key], files[key], _LONG_SILENCE, _LONG_SECONDS)
            assert ran.code == 3, f"{key}: {ran}"
            return round(ran.end, 1)

        with ThreadPoolExecutor(len(files)) as pool:
            return dict(zip(files, pool.map(one, files), strict=True))

    def requests(self, key: str, options: Options) -> list[dict[str, Any]]:
        """What a program asks for: the bodies of its requests, at a pace without pauses."""
        _, requests = self.run(key, options, _AT_FULL_SPEED)
        return [json.loads(request["body"]) for request in requests]

    def run(self, key: str, options: Options, case: Case) -> tuple[Ran, list[dict[str, Any]]]:
        """A run of a program, and the journal's entries of its requests for messages.

        A relay is asked once, so it must be one without a breaker.
        """
        files = self._compiled({key: self._written(key, options)})
        (found,) = self._run(options, files[key], case)
        return found

    def _written(self, key: str, options: Options) -> Path:
        program = render(options, self._library.models, self._library.table)
        folder = self._folder / "programs" / key.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / program.file
        path.write_text(program.text, encoding="utf-8")
        return path

    def _compiled(self, files: Mapping[str, Path]) -> dict[str, Path]:
        """The same, with JavaScript beside each in TypeScript: what `tsx` does, but once."""
        typed = [str(path) for path in files.values() if path.suffix == ".mts"]
        if typed:
            options = ("--strict", "--skipLibCheck", "--target", "es2023", "--module", "nodenext")
            command = (self._node or "node", str(_TSC), "--ignoreConfig", *options, *typed)
            ended = process.run(command, seconds=_COMPILING_SECONDS)
            if not ended.ok:
                raise RuntimeError(ended.output)
        return {
            key: path.with_suffix(".mjs") if path.suffix == ".mts" else path
            for key, path in files.items()
        }

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
        path = case.base(options, "").removeprefix("/simulator/")
        return self._plans.sent(path, body, number)

    def _run(
        self, options: Options, file: Path, case: Case, seconds: float = _SECONDS
    ) -> list[tuple[Ran, list[dict[str, Any]]]]:
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
            "ANTHROPIC_BASE_URL": case.base(options, self._url),
        }
        if options.is_relay:
            asked = self._asked(options, file, folder, environment, seconds)
            split = relays.split(asked, self._requests(key))
            found = [(one.ran, requests) for one, requests in zip(asked, split, strict=True)]
        else:
            ran = self._started(file, folder, environment, seconds)
            found = [(ran, self._requests(key))]
        shutil.rmtree(folder)
        return found

    def _requests(self, key: str) -> list[dict[str, Any]]:
        """The journal's entries of the key's requests for messages."""
        told = self._site.get("/simulator/journal.json", headers={"x-api-key": key})
        requests = told.raise_for_status().json()["requests"]
        return [one for one in requests if one["path"].endswith("/v1/messages")]

    def _asked(
        self,
        options: Options,
        file: Path,
        folder: Path,
        environment: Mapping[str, str],
        seconds: float,
    ) -> list[relays.Asked]:
        node = self._found_node()
        listening = {**environment, "PORT": "0"}
        serving = (
            self._serving.serve(file, folder, listening)
            if file.suffix == ".py"
            else serve([node, str(file)], folder, listening)
        )
        times = relays.questions(options)
        with serving as relay:
            return relays.ask(relay, node, folder, environment, times, seconds * times)

    def _started(
        self, file: Path, folder: Path, environment: Mapping[str, str], seconds: float
    ) -> Ran:
        if file.suffix == ".py":
            return self._forks.run(file, folder, environment, seconds)
        if file.suffix == ".sh":
            return run_command(["bash", str(file)], folder, environment, seconds)
        return run_command([self._found_node(), str(file)], folder, environment, seconds)

    def _found_node(self) -> str:
        if self._node is None:
            raise RuntimeError(nodejs.WHAT_TO_INSTALL)
        return str(self._node)
