"""The pages `/inspect` and `/cost`: one page, which names the rules that a stream breaks, and what
its tokens cost. Its script reads streams in the browser; the server has only what is known."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, render_template

from streamguide.content import Content, Today
from streamguide.guide.rule_outcomes import SILENCE, seen_by_rule
from streamguide.turns import Turns
from streamguide.web.live_page import price_for_script
from streamguide.web.response_cache import CachedResponse, ResponseCache, precompress

_PATHS = ("/inspect", "/cost")
# Where no byte shows what is wrong, no rule of `content/reading.toml` is about it.
_SILENCE = {
    "number": None,
    "rule": "A stream may be silent for minutes while Claude thinks, or because it is dead.",
    "client": "Have a limit on silence of 90 to 120 seconds, and a deadline for the whole answer.",
    "href": "/guide/errors#timeouts",
}


def blueprint(today: Today, turns: Turns) -> Blueprint:
    """The routes of the pages, and of the rules as JSON."""
    views = Blueprint("inspect_page", __name__)
    cache = ResponseCache(today)

    def rendered(path: str) -> CachedResponse:
        models = today().models
        page = render_template(
            "inspect.html",
            path=path,
            as_of=models.as_of,
            models=models.available,
            models_json=json.dumps(
                {
                    id_: {
                        "title": model.title,
                        "isCurrent": model.status == "current",
                        "ids": model.ids,
                        "charactersPerToken": model.characters_per_token,
                        "price": price_for_script(model.price),
                    }
                    for id_, model in models.available.items()
                }
            ),
        )
        return precompress(page, "text/html; charset=utf-8")

    for path in _PATHS:
        views.add_url_rule(
            path, path[1:], lambda path=path: cache.serve(path, lambda: rendered(path))
        )

    @views.get("/inspect/rules.json")
    def rules() -> Response:
        with turns.take():
            return cache.serve(
                "rules", lambda: precompress(json.dumps(rules_as_json(today())), "application/json")
            )

    return views


def rules_as_json(content: Content) -> dict[str, Any]:
    """The rules by id, each with `seen`: what was measured where it is broken."""
    seen = seen_by_rule(
        content.recordings,
        content.conformance,
        content.outcomes,
        content.table,
        content.scenarios,
    )
    found: dict[str, dict[str, Any]] = {
        id_: {
            "number": rule.number,
            "rule": rule.rule,
            "client": rule.client,
            "href": f"/guide/rules#rule-{id_}",
        }
        for id_, rule in content.rules.items()
    }
    found[SILENCE] = _SILENCE
    for id_, about in found.items():
        told = seen.get(id_, [])
        seen_there = [{"on": one.on, "href": one.href, "clients": one.clients} for one in told]
        found[id_] = about | {"seen": seen_there}
    return found
