"""The page `/simulator`: a setting's base URL, the commands to try it, and all there is to set."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, render_template, request

from streamguide.content import Content, Today
from streamguide.generator.options import DEFAULT_MODEL
from streamguide.settings import Settings
from streamguide.simulator.directive import AUTO
from streamguide.simulator.faults import FAULTS
from streamguide.simulator.faults.registry import MOST
from streamguide.simulator.outcomes import CLIENTS
from streamguide.simulator.request import VERSIONS
from streamguide.web.commands import KEY, load_commands
from streamguide.web.response_cache import CachedResponse, precompress, respond
from streamguide.web.setting import NONE, PageSetting, number_text, read_setting

_PATH = "/simulator"
# Parameters have values without number: what was asked for lately is kept.
_MOST_PAGES = 64

_AUTO_HELP = (
    "A tool of the request is called, its result is answered, and anything else gets a plain "
    "answer. A message that says simulate: and a scenario's name gets that one."
)


def blueprint(settings: Settings, today: Today) -> Blueprint:
    """The route. The page is rendered for its address, so that it needs no script for that."""
    views = Blueprint("simulator_page", __name__)
    commands = load_commands()
    content = today()
    constants = json.dumps(for_script(content))

    def help_of(name: str) -> str:
        return _AUTO_HELP if name == AUTO else content.scenarios[name].summary

    @lru_cache(_MOST_PAGES)
    def rendered(scenario: str, fault_text: str, problem: str) -> CachedResponse:
        query = {"scenario": scenario}
        setting = read_setting(query, [fault_text], content.scenarios)
        page = render_template(
            "simulator.html",
            path=_PATH,
            setting=setting,
            problem=problem,
            scenarios=list(content.scenarios.values()),
            faults=list(FAULTS.values()),
            auto=AUTO,
            auto_help=_AUTO_HELP,
            scenario_help=help_of(scenario),
            most_faults=MOST,
            commands=commands,
            constants=constants,
            clients=json.dumps(dict(CLIENTS)),
            key=KEY,
            text=number_text,
        )
        return precompress(page, "text/html; charset=utf-8")

    @views.get(_PATH)
    def simulator() -> Response:
        asked: PageSetting = read_setting(
            request.args, request.args.getlist("fault"), content.scenarios
        )
        return respond(rendered(asked.scenario, asked.fault_text, asked.problem))

    return views


def for_script(content: Content) -> dict[str, Any]:
    """What the page's script must know: names that stand for a choice, and its own request.

    `charactersPerToken` is the ratio of the model that it asks for.
    """
    return {
        "auto": AUTO,
        "none": NONE,
        "mostFaults": MOST,
        "version": VERSIONS[0],
        "model": DEFAULT_MODEL,
        "charactersPerToken": content.models.by_id[DEFAULT_MODEL].characters_per_token,
    }
