"""The page `/generator`, the generated programs as text, and the options as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from streamguide.content import Content, Today
from streamguide.generator import options as choices
from streamguide.generator.fault_matrix import how_measured
from streamguide.generator.option import Option
from streamguide.generator.options import (
    RECOVERY,
    FieldWarning,
    Options,
    OptionsError,
    Preset,
    all_options,
)
from streamguide.generator.render import Program, render
from streamguide.generator.run_instructions import RunInstructions, run_instructions
from streamguide.guide import highlight
from streamguide.models import Models
from streamguide.settings import Settings
from streamguide.turns import Pause, Turns
from streamguide.web.bodies import read_body
from streamguide.web.commands import KEY
from streamguide.web.program_results import ProgramResults, program_results
from streamguide.web.response_cache import CachedResponse, ResponseCache, precompress, respond

_PATH = "/generator"
# Some browsers and proxies refuse longer addresses.
LONGEST_QUERY = 2000

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ShownPreset:
    """A preset as a link, with the values that it sets."""

    preset: Preset
    values: Mapping[str, str]
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of a program. `address` is empty if it would be too long."""

    program: Program
    html: tuple[str, ...]
    instructions: RunInstructions
    warnings: tuple[FieldWarning, ...]
    results: ProgramResults
    how_measured: str
    query: str
    address: str


def blueprint(settings: Settings, today: Today, turns: Turns) -> Blueprint:
    """The routes."""
    views = Blueprint("generator", __name__)
    cache = ResponseCache(today)

    @views.route(_PATH, methods=["GET", "POST"])
    def generator() -> Response:
        with turns.take(_size()) as pause:
            return _page(_given(), today(), settings, pause)

    @views.route(f"{_PATH}/code", methods=["GET", "POST"])
    def code() -> Response:
        content = today()
        with turns.take(_size()) as pause:
            try:
                chosen = choices.read(_given(), content.models)
                program = render(chosen, content.models, content.table)
            except OptionsError as error:
                return make_response(jsonify({"errors": error.errors}), 400)
            pause()
            response = respond(precompress(program.text, "text/plain; charset=utf-8"))
        if request.method == "POST":
            # The form's page must stay open.
            response.headers["Content-Disposition"] = f'attachment; filename="{program.file}"'
        return response

    @views.get(f"{_PATH}/options.json")
    def options() -> Response:
        return cache.serve("options", lambda: _options_json(all_options(today().models)))

    return views


def _page(given: Given, content: Content, settings: Settings, pause: Pause) -> Response:
    known = all_options(content.models)
    names = {option.name for option in known}
    errors: dict[str, str] = {}
    chosen = shown = None
    try:
        chosen = choices.read(given, content.models)
        shown = _shown(chosen, content, settings, pause)
    except OptionsError as error:
        errors = error.errors
    values = {option.name: _text(given, option) for option in known}
    notes: dict[str, list[str]] = {name: [] for name in names}
    for warning in shown.warnings if shown else ():
        notes[warning.option].append(warning.text)
    html = render_template(
        "generator.html",
        path=_PATH,
        presets=list(_presets(chosen, content.models)),
        groups=[(name, list(group)) for name, group in groupby(known, lambda one: one.group)],
        folded=choices.FOLDED,
        is_unfolded=any(
            values[option.name] != option.default or option.name in errors
            for option in known
            if option.group == choices.FOLDED
        ),
        values=values,
        errors=errors,
        notes=notes,
        unknown_options={name: text for name, text in errors.items() if name not in names},
        shown=shown,
        measured=content.fault_matrix.measured,
        recovery=RECOVERY,
        longest_query=LONGEST_QUERY,
    )
    pause()
    response = respond(precompress(html, "text/html; charset=utf-8"))
    if errors:
        response.status_code = 400
    return response


def _options_json(known: Iterable[Option]) -> CachedResponse:
    body = json.dumps({"options": [option.as_json() for option in known]}, ensure_ascii=False)
    return precompress(body, "application/json")


def _size() -> int:
    """The size of the options in bytes. A form is read, but not parsed."""
    return len(read_body() if request.method == "POST" else request.query_string)


def _given() -> Given:
    sent = request.form if request.method == "POST" else request.args
    return sent.to_dict(flat=False)


def _text(given: Given, option: Option) -> str:
    """The form's text for an option: what was sent, even if wrong, or else the default."""
    sent = given.get(option.name)
    if not sent or (option.values and sent[-1] not in option.values):
        return option.default
    return sent[-1]


def _shown(options: Options, content: Content, settings: Settings, pause: Pause) -> Shown:
    program = render(options, content.models, content.table)
    query = urlencode(choices.query_of(options, content.models))
    versions = content.fault_matrix.versions
    highlighted = []
    for part in program.parts:
        pause()
        highlighted.append(highlight.code(part.code, program.syntax))
    pause()
    return Shown(
        program,
        tuple(highlighted),
        run_instructions(options, program.file, settings.site_url, versions, KEY),
        tuple(choices.warnings(options, content.models)),
        program_results(options, content.fault_matrix),
        how_measured(options),
        query,
        _address(query),
    )


def _address(query: str) -> str:
    return "" if len(query) > LONGEST_QUERY else f"{_PATH}?{query}" if query else _PATH


def _presets(options: Options | None, models: Models) -> Iterator[ShownPreset]:
    """The presets beside what these options ask; None, beside the defaults."""
    current = choices.query_of(options, models) if options else {}
    for preset in choices.PRESETS:
        values = choices.preset_values(preset, options.language if options else "", models)
        queries = [
            choices.query_of(
                choices.read({name: [text] for name, text in given.items()}, models), models
            )
            for given in (current | values, values)
        ]
        # Texts that are too long for an address are left out.
        address = next(filter(None, (_address(urlencode(query)) for query in queries)))
        yield ShownPreset(preset, values, address, options is not None and queries[0] == current)
