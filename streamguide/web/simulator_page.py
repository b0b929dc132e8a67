"""The page `/simulator`: a base URL for a scenario and faults, and commands that use it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, render_template, request

from streamguide import strip
from streamguide.content import Content, Today
from streamguide.generator.options import DEFAULT_MODEL
from streamguide.guide.clients import Clients
from streamguide.recordings import CorpusRecording
from streamguide.scenarios.load import Scenario
from streamguide.settings import Settings
from streamguide.simulator import faults
from streamguide.simulator.directive import AUTO
from streamguide.simulator.faults import BY_MOMENT, FAULTS, FaultSpec, page_address
from streamguide.simulator.faults.registry import MOST
from streamguide.simulator.outcomes import CLIENTS
from streamguide.simulator.recorded import named
from streamguide.simulator.request import VERSIONS
from streamguide.turns import Turns
from streamguide.web.commands import PAGE_KEY, load_commands
from streamguide.web.response_cache import CachedResponse, precompress, respond

_PATH = "/simulator"
# The number of distinct pages is not bounded, since parameters take any number.
_MAX_CACHED_PAGES = 64
_NONE = "none"
# Clients whose outcomes on every fault the page shows.
IN_OUTCOMES = ("sdk-python", "sdk-javascript", "curl")

_AUTO_HELP = (
    "A tool of the request is called, its result is answered, and anything else gets a plain "
    "answer. A message that says simulate: and a scenario's name gets that one."
)


@dataclass(frozen=True, slots=True)
class SimulatorConfiguration:
    """A scenario's name (or AUTO) and at least one fault; `problem` says what was ignored."""

    scenario: str
    faults: tuple[FaultSpec, ...]
    problem: str = ""

    @property
    def fault_text(self) -> str:
        """The faults as in a base URL, with the parameters that differ from their defaults."""
        return "+".join(_fault_text(one) for one in self.faults if one.fault.name != _NONE)

    @property
    def path(self) -> str:
        """The base URL's path."""
        parts = [self.scenario, self.fault_text]
        if not self.fault_text and self.scenario == AUTO:
            parts = []
        return "/".join(["/simulator", *filter(None, parts)])


def read_configuration(
    query: Mapping[str, str],
    fault_texts: Sequence[str],
    scenarios: Mapping[str, Scenario],
    recordings: Mapping[str, CorpusRecording],
) -> SimulatorConfiguration:
    """The configuration in the page's query. Unknown parts are ignored, and named in `problem`.

    `fault` is the text of the faults in a base URL. A form without JavaScript sends the fault's
    name there, and each of its parameters by its own name.
    """
    problems = []
    scenario = query.get("scenario") or next(iter(scenarios))
    known = scenario in scenarios or scenario == AUTO or named(scenario, recordings)
    if not known:
        problems.append(f"No scenario is called {scenario!r}.")
        scenario = next(iter(scenarios))
    text = "+".join(filter(None, fault_texts)) or _NONE
    if text in FAULTS:
        given = [one.name for one in FAULTS[text].parameters if query.get(one.name)]
        text = ";".join([text, *(f"{name}={query[name]}" for name in given)])
    try:
        chosen = faults.read(text)
    except faults.FaultError as error:
        problems.append(f"{str(error).rstrip('.')}.")
        chosen = faults.read(_NONE)
    real = tuple(one for one in chosen if one.fault.name != _NONE)
    return SimulatorConfiguration(scenario, real or faults.read(_NONE), " ".join(problems))


def blueprint(settings: Settings, today: Today, turns: Turns) -> Blueprint:
    """The route. The server renders the page for its query, so that it works without JavaScript."""
    views = Blueprint("simulator_page", __name__)
    commands = load_commands()
    content = today()
    constants = json.dumps(for_script(content))
    paths = [*content.scenarios, *(f"{fault.scenario}/{fault.name}" for fault in FAULTS.values())]
    strips = {path: strip.draw(path, content.scenarios, content.table) for path in paths}

    @lru_cache(_MAX_CACHED_PAGES)
    def rendered(scenario: str, fault_text: str, problem: str) -> CachedResponse:
        recording = named(scenario, content.recordings)
        if recording is not None:
            scenario_help = f"{recording.title}. A recording of the corpus."
        else:
            scenario_help = _AUTO_HELP if scenario == AUTO else content.scenarios[scenario].summary
        page = render_template(
            "simulator.html",
            path=_PATH,
            configuration=read_configuration(
                {"scenario": scenario}, [fault_text], content.scenarios, content.recordings
            ),
            recording=recording,
            problem=problem,
            scenarios=list(content.scenarios.values()),
            faults=list(FAULTS.values()),
            moments=BY_MOMENT,
            strips=strips,
            auto=AUTO,
            auto_help=_AUTO_HELP,
            scenario_help=scenario_help,
            most_faults=MOST,
            address=page_address,
            commands=commands,
            constants=constants,
            stop_reasons=list(content.table.stop_reasons),
            clients=json.dumps(dict(CLIENTS)),
            others=json.dumps(others_for_script(content.clients), ensure_ascii=False),
            key=PAGE_KEY,
            text=_number_text,
        )
        return precompress(page, "text/html; charset=utf-8")

    @views.get(_PATH)
    def simulator() -> Response:
        asked = read_configuration(
            request.args, request.args.getlist("fault"), content.scenarios, content.recordings
        )
        with turns.take():
            return respond(rendered(asked.scenario, asked.fault_text, asked.problem))

    return views


def for_script(content: Content) -> dict[str, Any]:
    """The constants that the page's script shares with the server.

    `charactersPerToken` is the ratio of the model that the script's requests name.
    """
    return {
        "auto": AUTO,
        "none": _NONE,
        "mostFaults": MOST,
        "version": VERSIONS[0],
        "model": DEFAULT_MODEL,
        "charactersPerToken": content.models.by_id[DEFAULT_MODEL].characters_per_token,
    }


def others_for_script(clients: Clients) -> dict[str, list[tuple[str, str]]]:
    """By fault, as in a base URL: each client that is in no row of the outcomes, and in words what
    it did."""
    found: dict[str, list[tuple[str, str]]] = {}
    for client, result in clients.results():
        if client.name not in IN_OUTCOMES and result.limit is None:
            words = (client.title, result.words.replace("*", ""))
            found.setdefault(result.fault, []).append(words)
    return found


def _fault_text(chosen: FaultSpec) -> str:
    values = [
        f"{parameter.name}={_number_text(chosen.values[parameter.name])}"
        for parameter in chosen.fault.parameters
        if chosen.values[parameter.name] not in (None, parameter.default)
    ]
    return ";".join([chosen.fault.name, *values])


def _number_text(value: Any) -> str:
    """A parameter's value as text: floats without trailing zeros."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
