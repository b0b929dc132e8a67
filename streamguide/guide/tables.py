"""The tables of models, prices and settings as Markdown."""

from __future__ import annotations

from streamguide.guide.markup import plain, table
from streamguide.models import Model, Models
from streamguide.settings import variables

_THINKING = {
    "always": "adaptive, always on",
    "on": "adaptive, on by default",
    "off": "adaptive, off by default",
    "budget": "`budget_tokens` only",
}


def model_table(models: Models) -> str:
    """Limits, thinking and end of life of each model."""
    rows = [
        (
            f"{model.title} `{model.id}`",
            _status(model),
            f"{_tokens(model.context)} / {_tokens(model.max_output)}",
            _THINKING[model.thinking],
            model.default_effort or "–",
        )
        for model in models.by_id.values()
    ]
    header = ("Model", "Status", "Context / output", "Thinking", "Default effort")
    notes = [
        f"- **{model.title}**: {' '.join(model.notes)}"
        for model in models.by_id.values()
        if model.notes
    ]
    parts = [f"As of {models.as_of}.", table(header, rows), "\n".join(notes)]
    return "\n\n".join(filter(None, parts))


def price_table(models: Models) -> str:
    """US dollars per million tokens, of the models that everybody can use."""
    rows = [
        (
            f"{model.title}, until {model.retires}" if model.retires else model.title,
            _dollars(model.price.input),
            _dollars(model.price.output),
            _dollars(model.price.cache_write_5m),
            _dollars(model.price.cache_write_1h),
            _dollars(model.price.cache_read),
        )
        for model in models.by_id.values()
        if model.status not in ("restricted", "retired")
    ]
    header = ("Model", "Input", "Output", "Cache write, 5 min", "Cache write, 1 h", "Cache read")
    return f"As of {models.as_of}. US dollars per million tokens.\n\n{table(header, rows)}"


def settings_table(settings: type) -> str:
    """The environment variables that set the fields of the class, with their defaults."""
    rows = [
        (
            f"`{variable.name}`",
            f"`{variable.default}`" if variable.default else "–",
            f"{plain(variable.help)} Takes {plain(variable.takes)}.",
        )
        for variable in variables(settings)
    ]
    return table(("Variable", "Default", "What it sets"), rows)


def _status(model: Model) -> str:
    if model.retires:
        return f"{model.status}, end of life {model.retires}"
    if model.released and model.status == "current":
        return f"{model.status}, since {model.released}"
    return model.status


def _tokens(count: int) -> str:
    return f"{count // 1_000_000}M" if count >= 1_000_000 else f"{count // 1000}K"


def _dollars(amount: float) -> str:
    """The amount with all its decimals, at least two."""
    text = f"{amount:.4f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"
