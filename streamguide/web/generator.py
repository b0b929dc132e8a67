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
from streamguide.generator.fault_matrix import RESULTS, FaultMatrix, how_measured
from streamguide.generator.options import RECOVERY, Options, OptionsError, all_options
from streamguide.generator.render import Program, render
from streamguide.generator.run_instructions import RunInstructions, run_instructions
from streamguide.guide import highlight
from streamguide.settings import Settings
from streamguide.simulator.faults import FAULTS
from streamguide.turns import Pause, Turns
from streamguide.web.bodies import read_body
from streamguide.web.commands import KEY
from streamguide.web.response_cache import CachedResponse, ResponseCache, precompress, respond

_PATH = "/generator"
# Some browsers and proxies refuse longer addresses.
LONGEST_QUERY = 2000

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """The faults on which a program has the same result: path, name and remedy of each."""

    letter: str
    title: str
    faults: tuple[tuple[str, str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of a program. `address` is empty if it would be too long."""

    program: Program
    html: tuple[str, ...]
    instructions: RunInstructions
    warnings: tuple[str, ...]
    results: tuple[ResultGroup, ...]
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
            return page(_given(), pause)

    def page(given: Given, pause: Pause) -> Response:
        content = today()
        known = all_options(content.models)
        names = {option.name for option in known}
        errors: dict[str, str] = {}
        shown = None
        try:
            shown = _shown(choices.read(given, content.models), content, settings, pause)
        except OptionsError as error:
            errors = error.errors
        html = render_template(
            "generator.html",
            path=_PATH,
            groups=[(name, list(group)) for name, group in groupby(known, lambda one: one.group)],
            values={option.name: _text(given, option) for option in known},
            errors=errors,
            unknown_options={name: text for name, text in errors.items() if name not in names},
            shown=shown,
            measured=content.fault_matrix.measured,
            recovery=RECOVERY,
            fault_titles={name: fault.title for name, fault in FAULTS.items()},
            longest_query=LONGEST_QUERY,
        )
        pause()
        response = respond(precompress(html, "text/html; charset=utf-8"))
        if errors:
            response.status_code = 400
        return response

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


def _options_json(known: Iterable[choices.Option]) -> CachedResponse:
    body = json.dumps({"options": [option.as_json() for option in known]}, ensure_ascii=False)
    return precompress(body, "application/json")


def _size() -> int:
    """The size of the options in bytes. A form is read, but not parsed."""
    return len(read_body() if request.method == "POST" else request.query_string)


def _given() -> Given:
    sent = request.form if request.method == "POST" else request.args
    return sent.to_dict(flat=False)


def _text(given: Given, option: choices.Option) -> str:
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
        tuple(_result_groups(options, content.fault_matrix)),
        how_measured(options),
        query,
        "" if len(query) > LONGEST_QUERY else f"{_PATH}?{query}" if query else _PATH,
    )


def _result_groups(options: Options, matrix: FaultMatrix) -> Iterator[ResultGroup]:
    found = matrix.of(options)
    for letter, title in RESULTS.items():
        faults = [fault for fault, result in found.items() if result == letter]
        if faults:
            rows = (
                (fault, fault.partition(";")[0], matrix.remedy(options, fault)) for fault in faults
            )
            yield ResultGroup(letter, title, tuple(rows))
