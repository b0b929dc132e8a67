"""The page `/live`: a form for requests to Claude, or how to switch live mode on."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, render_template

from streamguide.content import Content, Today
from streamguide.models import Model, Price
from streamguide.settings import LiveSettings, Settings
from streamguide.web.response_cache import CachedResponse, ResponseCache, precompress

_PATH = "/live"
_PROMPT = "Explain to a curious ten-year-old why the sky is blue, and why it is red in the evening."
_THINKING_HELP = {
    "own": "What of it is streamed. It counts as output either way.",
    "asked": "This model thinks only if asked to.",
    "none": "This model thinks only with a budget, which is not asked for here.",
}
# Enough for an answer to the example, thinking included.
_MAX_TOKENS = 1024


def blueprint(settings: Settings, today: Today) -> Blueprint:
    """The route. The page contains neither the key nor the access code."""
    views = Blueprint("live_page", __name__)
    cache = ResponseCache(today)

    def rendered() -> CachedResponse:
        values = form_values(settings.live, today()) if settings.live else {}
        page = render_template("live.html", path=_PATH, has_key=settings.live is not None, **values)
        return precompress(page, "text/html; charset=utf-8")

    @views.get(_PATH)
    def live() -> Response:
        return cache.serve(_PATH, rendered)

    return views


def form_values(live: LiveSettings, content: Content) -> dict[str, Any]:
    """The variables of the form's template. Raises KeyError for an unknown model."""
    chosen = {id_: content.models.by_id[id_] for id_ in live.models}
    models = {id_: model for id_, model in chosen.items() if model.status != "retired"}
    known = {id_: for_script(model) for id_, model in models.items()}
    return {
        "models": models,
        "models_json": json.dumps(known),
        "thinking_help": next((one["thinkingHelp"] for one in known.values()), ""),
        "prices": {id_: price_in_words(model.price) for id_, model in models.items()},
        "prices_of": content.models.as_of,
        "prompt": _PROMPT,
        "prompt_characters": live.prompt_characters,
        "max_tokens": min(_MAX_TOKENS, live.max_tokens),
        "most_tokens": live.max_tokens,
        "wants_code": bool(live.access_code.get_secret_value()),
    }


def for_script(model: Model) -> dict[str, Any]:
    """The properties of a model that the page's script needs.

    `thinking` is "own" if adaptive thinking is the default, "asked" if a request must ask for it,
    and "none" if the model needs a budget, which the page does not offer.
    """
    own = "own" if model.thinking in ("always", "on") else "asked"
    thinking = own if "adaptive" in model.thinking_types else "none"
    return {
        "thinking": thinking,
        "thinkingHelp": _THINKING_HELP[thinking],
        "prefill": model.prefill,
        "charactersPerToken": model.characters_per_token,
        "maxOutput": model.max_output,
        "price": price_for_script(model.price),
    }


def price_for_script(price: Price) -> dict[str, Any]:
    """The price as the page's `live/cost.js` takes it."""
    return {
        "input": price.input,
        "write5m": price.cache_write_5m,
        "write1h": price.cache_write_1h,
        "read": price.cache_read,
        "output": price.output,
        "longInput": price.long_input,
        "longFactor": price.long_factor,
    }


def price_in_words(price: Price) -> str:
    """`$0.10 per million input tokens, $0.50 per million output tokens`, for instance."""
    return f"${price.input:.2f} per million input tokens, ${price.output:.2f} per million output tokens"
