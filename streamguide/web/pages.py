"""The pages that people read. Each is rendered once; its address's query is the script's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from streamguide.content import Today
from streamguide.settings import Settings
from streamguide.simulator.faults import FAULTS
from streamguide.web.assets import Assets
from streamguide.web.response_cache import ResponseCache, precompress
from streamguide.web.sample import first_screen

_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_MARKDOWN = "text/markdown; charset=utf-8"
_HOME_SCENARIO = "hello"


def blueprint(settings: Settings, today: Today, assets: Assets) -> Blueprint:
    """The routes, and what every template can use."""
    views = Blueprint("pages", __name__)
    cache = ResponseCache(today)
    home_scenario = today().scenarios[_HOME_SCENARIO]
    home_sample = first_screen(home_scenario)

    @views.app_context_processor
    def shared() -> dict[str, Any]:
        return {
            "asset": assets.url,
            "modules": assets.modules,
            "site_url": settings.site_url,
            "guide_pages": list(today().pages.values()),
        }

    def page(path: str, template: str, **values: Any) -> Response:
        return cache.serve(
            path, lambda: precompress(render_template(template, path=path, **values), _HTML)
        )

    @views.get("/")
    def home() -> Response:
        return page("/", "home.html", scenario=home_scenario, sample=home_sample)

    @views.get("/demo")
    def demo() -> Response:
        return page(
            "/demo",
            "demo.html",
            scenarios=list(today().scenarios.values()),
            faults=list(FAULTS.values()),
        )

    @views.get("/guide")
    def guide() -> BaseResponse:
        first = next(iter(today().pages))
        return redirect(url_for("pages.guide_page", slug=first))

    @views.get("/guide/<slug>")
    def guide_page(slug: str) -> Response:
        found = today().pages.get(slug)
        if found is None:
            abort(404)
        return page(f"/guide/{slug}", "guide.html", page=found)

    @views.get("/guide/<slug>.md")
    def guide_markdown(slug: str) -> Response:
        found = today().pages.get(slug)
        if found is None:
            abort(404)
        text = absolute_links(found.markdown, settings.site_url)
        return cache.serve(f"{found.path}.md", lambda: precompress(text, _MARKDOWN))

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
            "/generator",
            "/live",
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


def absolute_links(markdown: str, site_url: str) -> str:
    """The Markdown with links that work away from the site."""
    return markdown.replace("](/", f"]({site_url}/")
