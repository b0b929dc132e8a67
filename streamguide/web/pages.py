"""The pages without a form, rendered once. The demo's is also rendered for its query: the script
follows that later, and what it finds already there does not move.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from streamguide import strip
from streamguide.content import Today
from streamguide.guide.event_reference import family
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.frames import to_frames
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.script import script
from streamguide.settings import Settings
from streamguide.simulator.faults import BY_MOMENT, FAULTS
from streamguide.simulator.recorded import named
from streamguide.web.assets import Assets
from streamguide.web.response_cache import ResponseCache, precompress, respond

_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_MARKDOWN = "text/markdown; charset=utf-8"
_SVG = "image/svg+xml"
_HOME_SCENARIO = "hello"
# What home leads to when its own stream has ended.
_NEXT_SCENARIO = "thinking"
# There are some thousand: each scenario with each fault, with the comparison or not, …
_MAX_CACHED_DEMOS = 64


def blueprint(settings: Settings, today: Today, assets: Assets) -> Blueprint:
    """The routes, and the variables of every template."""
    views = Blueprint("pages", __name__)
    cache = ResponseCache(today)
    demos = ResponseCache(today, _MAX_CACHED_DEMOS)
    content = today()
    home_scenario = content.scenarios[_HOME_SCENARIO]
    mark = strip.mark(content.scenarios, content.table)
    text, frames = finished_stream(home_scenario)

    @views.app_context_processor
    def shared() -> dict[str, Any]:
        return {
            "asset": assets.url,
            "mark": mark,
            "modules": assets.modules,
            "site_url": settings.site_url,
            "guide_pages": list(today().pages.values()),
            "guide_groups": today().guide.groups,
        }

    @views.get("/")
    def home() -> Response:
        return _page(
            cache,
            "/",
            "home.html",
            scenario=home_scenario,
            next_scenario=today().scenarios[_NEXT_SCENARIO],
            text=text,
            frames=frames,
        )

    @views.get("/demo")
    def demo() -> Response:
        compares = request.args.get("compare") == "1"
        explains = "event" in request.args
        scenarios = list(today().scenarios.values())
        name = request.args.get("scenario", "")
        recording = named(name, today().recordings)
        scenario = next((one for one in scenarios if one.name == name), scenarios[0])
        # Its parameters, and the faults after it, change nothing that the page says.
        fault = FAULTS.get(re.split("[;+]", request.args.get("fault", ""))[0], FAULTS["none"])
        return _page(
            demos,
            "/demo",
            "demo.html",
            variant=f"{(recording or scenario).name} {fault.name} {compares} {explains}",
            recording=recording,
            compares=compares,
            explains=explains,
            scenarios=scenarios,
            scenario=scenario,
            moments=BY_MOMENT,
            fault=fault,
            characters_per_token=json.dumps(today().models.characters_per_token),
        )

    return views


def machines_blueprint(settings: Settings, today: Today) -> Blueprint:
    """The routes of what browsers, search engines and models ask for: icon, lists of the pages."""
    views = Blueprint("machines", __name__)
    cache = ResponseCache(today)
    icon = precompress(strip.icon(today().scenarios, today().table), _SVG)

    @views.get("/icon.svg")
    def site_icon() -> Response:
        return respond(icon)

    @views.get("/robots.txt")
    def robots() -> Response:
        text = f"User-agent: *\nDisallow: /simulator/\nSitemap: {settings.site_url}/sitemap.xml\n"
        return cache.serve("robots", lambda: precompress(text, _TEXT))

    @views.get("/sitemap.xml")
    def sitemap() -> Response:
        paths = [
            "/",
            "/demo",
            "/simulator",
            "/record",
            "/generator",
            "/models",
            "/inspect",
            "/cost",
            "/live",
            "/guide",
            *(found.path for found in today().pages.values()),
        ]
        return cache.serve(
            "sitemap",
            lambda: precompress(render_template("sitemap.xml", paths=paths), "application/xml"),
        )

    @views.get("/llms.txt")
    def llms() -> Response:
        return cache.serve("llms", lambda: precompress(render_template("llms.txt"), _TEXT))

    return views


def guide_blueprint(settings: Settings, today: Today) -> Blueprint:
    """The routes of the guide: each page as HTML and as Markdown."""
    views = Blueprint("guide", __name__)
    cache = ResponseCache(today)
    sections = today().table.sections.values()
    families = {entry.anchor: family(entry) for part in sections for entry in part.values()}

    @views.get("/guide")
    def overview() -> Response:
        return _page(cache, "/guide", "guide_overview.html")

    @views.get("/guide/<slug>")
    def page(slug: str) -> Response:
        found = today().pages.get(slug)
        if found is None:
            abort(404)
        return _page(cache, found.path, "guide.html", page=found, families=families)

    @views.get("/guide/<slug>.md")
    def markdown(slug: str) -> Response:
        found = today().pages.get(slug)
        if found is None:
            abort(404)
        text = absolute_links(found.markdown, settings.site_url)
        return cache.serve(f"{found.path}.md", lambda: precompress(text, _MARKDOWN))

    return views


def _page(
    cache: ResponseCache, path: str, template: str, variant: str = "", **values: Any
) -> Response:
    return cache.serve(
        path + variant, lambda: precompress(render_template(template, path=path, **values), _HTML)
    )


def finished_stream(scenario: Scenario) -> tuple[str, list[tuple[str, str]]]:
    """The text of a stream, and the `event` and `data` lines of its frames.

    The home page has them without JavaScript, and until its script plays the stream.
    """
    answer = make_answer(scenario)
    text = "".join(block.content.get("text", "") for block in answer.blocks)
    lines = [frame.data.decode().split("\n") for frame in to_frames(script(answer))]
    return text, [(line[0], line[1]) for line in lines]


def absolute_links(markdown: str, site_url: str) -> str:
    """The Markdown with links that also work outside the site."""
    return markdown.replace("](/", f"]({site_url}/")
