"""The options of a program: reading them from a form or a query, warnings, and presets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from streamguide.generator.option import Option, choice, flag, json_text, number, text
from streamguide.models import Model, Models

LANGUAGES: Mapping[str, str] = {
    "python": "Python",
    "python-async": "Python, asyncio",
    "python-plain": "Python without the SDK",
    "javascript": "JavaScript (Node.js)",
    "typescript": "TypeScript (Node.js)",
    "javascript-fetch": "JavaScript with fetch only",
    "curl": "curl and jq (bash)",
    "flask": "Relay: Flask and a page",
    "fastapi": "Relay: FastAPI and a page",
    "express": "Relay: Express and a page",
    "web": "Relay: a web-standard handler",
}
RELAYS = ("flask", "fastapi", "express", "web")
_WITH_SDK = ("python", "python-async", "javascript", "typescript", *RELAYS)
_PROGRAMS = tuple(name for name in LANGUAGES if name not in RELAYS)
_EVERY = tuple(LANGUAGES)
# Bash is no good language for a tool loop.
_WITH_TOOL = tuple(name for name in _PROGRAMS if name != "curl")

RECOVERY: Mapping[str, str] = {
    "none": "No retries of the program's own",
    "retry": "Retry before the first word",
    "partial": "Retry, then keep the partial answer",
    "resume": "Retry, keep, then resume",
}
_DISPLAY = {
    "default": "The model's default; summarized for notes between calls",
    "summarized": "Summarized",
    "omitted": "Omitted",
}
_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_EFFORT = {"default": "The model's default"} | {name: name.capitalize() for name in _EFFORTS}
_EVENTS = {"text": "Text only", "all": "Every event"}

# The group of the options that few programs need.
FOLDED = "More of the request"
_RECORDS = "Tokens and records"

DEFAULT_MODEL = "claude-opus-5-5"
_DEFAULT_PROMPT = "Explain in three sentences why the sky is blue."
_MOST_STOP_SEQUENCES = 16
# The example of a tool.
_TOOL_NAME = "get_forecast"
_TOOL_DESCRIPTION = "The weather forecast for a place."
_TOOL_SCHEMA = """{
  "type": "object",
  "properties": {"location": {"type": "string"}},
  "required": ["location"]
}"""
_TOOL_NAMES = re.compile(r"[a-zA-Z0-9_-]{1,64}")
# The SDKs refuse a request without streaming that may take longer than ten minutes.
MOST_TOKENS_AT_ONCE = 21_333
# The default time-out of the SDKs in seconds.
_SDK_TIMEOUT = 600
# The time-outs of Node's fetch in seconds.
_NODE_CONNECT = 10
_NODE_SILENCE = 300


class OptionsError(ValueError):
    """Invalid options: `errors` has a message for each field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The valid choices for one program, in the order of the form.

    Every text can be written as a literal. `all_options` adds the models.
    """

    language: str = choice(
        "Language",
        "Program",
        LANGUAGES,
        "With an SDK or without; relays come with a page that reads them.",
        "python",
    )
    recovery: str = choice(
        "When a request or a stream fails",
        "Recovery",
        RECOVERY,
        "Before an answer begins the SDK tries twice more by itself, three requests in all, also "
        "on a spend limit; without an SDK nothing is tried again. Every other level is a loop of "
        "the program's own instead, and has the levels before it.",
        "none",
    )
    stop: bool = flag(
        "Stop cleanly on Ctrl-C",
        "Recovery",
        "Closes the stream at once, and keeps the text so far.",
        applies_to=_PROGRAMS,
    )
    breaker: bool = flag(
        "Circuit breaker with a fallback",
        "Recovery",
        "After repeated failures a text of yours is shown, and nothing is asked for a while.",
        applies_to=(*_WITH_TOOL, *RELAYS),
    )
    connect_timeout: int = number(
        "Connect within, seconds",
        "Recovery",
        1,
        300,
        "To reach the server at all.",
        10,
        # What all platforms have in common has no such limit: the one on silence holds.
        applies_to=tuple(name for name in LANGUAGES if name != "web"),
    )
    silence_timeout: int = number(
        "Longest silence, seconds",
        "Recovery",
        1,
        3600,
        "Between two bytes; pings count. Hidden thinking may be silent for a minute.",
        120,
    )
    model: str = choice("Model", "Request", {}, "", DEFAULT_MODEL)
    max_tokens: int = number(
        "max_tokens",
        "Request",
        1,
        128_000,
        "The most that an answer may have, thinking included.",
        1024,
    )
    prompt: str = text("Prompt", "Request", "What the user says.", _DEFAULT_PROMPT)
    tool: bool = flag(
        "A tool, with its loop",
        "Request",
        "An example tool; your own has its fields below.",
        applies_to=_WITH_TOOL,
    )
    chat: bool = flag(
        "A chat with its history",
        "Request",
        "The page keeps what was said, and sends it with each question.",
        applies_to=RELAYS,
    )
    stream: bool = flag(
        "Stream",
        "Request",
        "Off: the same request as one JSON answer, to try it out.",
        "1",
        applies_to=_PROGRAMS,
    )
    system: str = text("System prompt", FOLDED, "Left out if empty.")
    stop_sequences: tuple[str, ...] = text("Stop sequences", FOLDED, "One per line.")
    schema: str = json_text(
        "JSON Schema of the answer",
        FOLDED,
        "The answer is JSON that fits it, once it is complete. Left out if empty.",
    )
    tool_name: str = text(
        "Name of the tool", FOLDED, "Letters, digits, _ and -.", _TOOL_NAME, applies_to=_WITH_TOOL
    )
    tool_description: str = text(
        "Description of the tool",
        FOLDED,
        "Tells Claude when to call the tool.",
        _TOOL_DESCRIPTION,
        applies_to=_WITH_TOOL,
    )
    tool_schema: str = json_text(
        "JSON Schema of the tool's input",
        FOLDED,
        "Its type is object. The program checks its required properties before it runs the tool.",
        _TOOL_SCHEMA,
        applies_to=_WITH_TOOL,
    )
    display: str = choice(
        "Thinking",
        FOLDED,
        _DISPLAY,
        "Whether a summary of the thinking is streamed. What the newest models say between calls "
        "of a tool is part of it.",
    )
    effort: str = choice("Effort", FOLDED, _EFFORT, "How much work the model puts in.")
    events: str = choice(
        "Events",
        FOLDED,
        _EVENTS,
        "Every event: thinking, tool input and citations too; what is unknown is passed over.",
        "text",
    )
    usage: bool = flag("Usage and cost", _RECORDS, "The final usage, and what it costs.")
    count: bool = flag(
        "Count tokens first", _RECORDS, "Asks count_tokens beforehand.", applies_to=_PROGRAMS
    )
    request_id: bool = flag("Request id", _RECORDS, "For questions to support.")
    save: bool = flag(
        "Save the raw stream", _RECORDS, "Every byte of it, in stream.sse.", applies_to=_PROGRAMS
    )

    @property
    def is_relay(self) -> bool:
        """Whether the program is a server with a page of its own."""
        return self.language in RELAYS

    @property
    def has_breaker(self) -> bool:
        """Whether the program has a circuit breaker, which a single request cannot use."""
        return self.breaker and (self.tool or self.is_relay)

    @property
    def effective_recovery(self) -> str:
        """`recovery`, as far as it can go.

        Without streaming no part of an answer exists, and with a schema each answer is an object of
        its own: the rest of one cannot be asked for.
        """
        if not self.stream and self.recovery != "none":
            return "retry"
        return "partial" if self.schema and self.recovery == "resume" else self.recovery

    @property
    def has_own_tool(self) -> bool:
        """Whether the tool is another one than the example."""
        given = (self.tool_name, self.tool_description, self.tool_schema)
        return self.tool and given != (_TOOL_NAME, _TOOL_DESCRIPTION, _TOOL_SCHEMA)

    @property
    def retries(self) -> bool:
        """Whether the program retries requests before the first word."""
        return self.recovery != "none"

    @property
    def leaves_retries_to_sdk(self) -> bool:
        """Whether the SDK retries, which it does only before a response begins."""
        return self.language in _WITH_SDK and not self.retries

    @property
    def keeps_partial(self) -> bool:
        """Whether the program keeps an interrupted answer, marked as partial."""
        return self.effective_recovery in ("partial", "resume")

    @property
    def resumes(self) -> bool:
        """Whether the program continues an interrupted answer with a second request."""
        return self.effective_recovery == "resume"


def all_options(models: Models) -> tuple[Option, ...]:
    """All options in the order of the form."""
    options = {
        one.name: Option(one.name, **{"applies_to": _EVERY, **one.metadata})
        for one in fields(Options)
    }
    known = [model for model in models.by_id.values() if model.status != "restricted"]
    options["model"] = replace(
        options["model"],
        help=f"As of {models.as_of}.",
        values={
            model.id: f"{model.title}, until {model.retires}" if model.retires else model.title
            for model in known
            if model.status != "retired"
        },
        removed={
            model.id: models.ending(model).removesuffix(".")
            for model in known
            if model.status == "retired"
        },
    )
    return tuple(options.values())


def read(query: Mapping[str, Sequence[str]], models: Models) -> Options:
    """The options in a form or a query, of which the last value of each name is used.

    Options that do not apply to the language get their defaults. Raises OptionsError.
    """
    options = {option.name: option for option in all_options(models)}
    errors = {name: "there is no such option" for name in query if name not in options}
    values: dict[str, Any] = {}
    for name, option in options.items():
        given = query.get(name) or [option.default]
        if values.get("language", option.applies_to[0]) not in option.applies_to:
            given = [option.default]
        try:
            values[name] = option.read(given[-1])
        except ValueError as error:
            problem = str(error) if option.kind in ("text", "json") else f"it takes {error}"
            errors[name] = (option.removed or {}).get(given[-1], problem)
    _check_tool(values, errors)
    if not errors:
        _check_combinations(values, models.by_id[values["model"]], errors)
    if errors:
        raise OptionsError(errors)
    return Options(**values)


def query_of(options: Options, models: Models) -> dict[str, str]:
    """The query with the options that differ from their defaults."""
    query = {}
    for option in all_options(models):
        value = _written(getattr(options, option.name))
        if value != option.default:
            query[option.name] = value
    return query


def display_of(options: Options, model: Model) -> str | None:
    """The request's `thinking.display`; None omits it."""
    if options.display != "default":
        return options.display
    # Such a model sends text between calls as thinking, which is empty by default.
    return "summarized" if options.tool and model.text_between_calls == "thinking" else None


@dataclass(frozen=True, slots=True)
class FieldWarning:
    """A sentence about a choice that is valid but may surprise, and the name of its option."""

    option: str
    text: str


def warnings(options: Options, models: Models) -> list[FieldWarning]:
    """The warnings for the page."""
    model = models.by_id[options.model]
    found = []

    def warn(option: str, text: str) -> None:
        found.append(FieldWarning(option, text))

    if options.recovery in ("partial", "resume") and not options.stream:
        warn("recovery", "Without streaming there is no part of an answer to keep or to continue.")
    if options.schema and options.recovery == "resume" and options.stream:
        warn(
            "recovery",
            "With a schema each answer is an object of its own: its rest cannot be asked for, so "
            "the program keeps the part, and does not resume.",
        )
    if options.breaker and not options.has_breaker:
        warn("breaker", "One request alone has no use for a circuit breaker: it is left out.")
    if options.has_breaker and not options.retries and not options.is_relay:
        warn(
            "breaker",
            "Without retries of the program's own the first failure ends it: the fallback is shown "
            "at once, and the circuit breaker never opens.",
        )
    if ending := models.ending(model):
        warn("model", ending)
    elif model.status == "legacy":
        warn("model", f"{model.title} is legacy: a current model may cost less.")
    if not options.stream and options.silence_timeout < _SDK_TIMEOUT:
        again = options.retries or options.leaves_retries_to_sdk
        warn(
            "stream",
            "Without streaming nothing comes until the answer is done: a long one may take "
            f"longer than {options.silence_timeout} s{', and so may each retry' if again else ''}.",
        )
    elif options.silence_timeout < 60 and display_of(options, model) != "summarized":
        warn("silence_timeout", "Hidden thinking may be silent for longer than this time-out.")
    if options.save and not options.stream:
        warn("save", "Without streaming there is no stream to save.")
    if options.language == "javascript-fetch":
        for option, most, what in (
            ("connect_timeout", _NODE_CONNECT, "connecting after {} s"),
            ("silence_timeout", _NODE_SILENCE, "after {} s of silence"),
        ):
            if getattr(options, option) > most:
                warn(option, f"Node's fetch gives up {what.format(most)} by itself.")
    return found


def _check_tool(values: Mapping[str, Any], errors: dict[str, str]) -> None:
    """Check what the API asks of a tool, as far as its fields could be read."""
    if not _TOOL_NAMES.fullmatch(values.get("tool_name", _TOOL_NAME)):
        errors["tool_name"] = "1 to 64 letters, digits, hyphens and underscores, all of them ASCII"
    schema = json.loads(values.get("tool_schema", _TOOL_SCHEMA) or "{}")
    if schema.get("type") != "object":
        errors["tool_schema"] = 'its "type" must be "object"'
    elif not _is_list_of_texts(schema.get("required", [])):
        errors["tool_schema"] = 'its "required" must be a list of names'


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _check_combinations(values: dict[str, Any], model: Model, errors: dict[str, str]) -> None:
    """Check combinations of options, and split the stop sequences."""
    stops = [line for line in values["stop_sequences"].split("\n") if line.strip()]
    values["stop_sequences"] = tuple(stops)
    if len(stops) > _MOST_STOP_SEQUENCES:
        errors["stop_sequences"] = f"at most {_MOST_STOP_SEQUENCES} lines"
    if not values["prompt"].strip():
        errors["prompt"] = "a prompt is needed"
    if values["max_tokens"] > model.max_output:
        errors["max_tokens"] = f"{model.title} gives at most {model.max_output:,}"
    elif not values["stream"] and values["max_tokens"] > MOST_TOKENS_AT_ONCE:
        errors["max_tokens"] = (
            f"without streaming the Python and JavaScript SDKs allow at most {MOST_TOKENS_AT_ONCE:,}"
        )
    if values["effort"] != "default" and model.default_effort is None:
        errors["effort"] = f"{model.title} takes no effort"
    if values["display"] != "default" and "adaptive" not in model.thinking_types:
        errors["display"] = f"{model.title} knows no adaptive thinking, which this needs"


@dataclass(frozen=True, slots=True)
class Preset:
    """A starting point: `values` beside the defaults, for a relay or for the other languages."""

    label: str
    help: str
    values: Mapping[str, str]
    is_relay: bool = False


_CAREFUL = {"recovery": "resume", "usage": "1", "request_id": "1"}
PRESETS = (
    Preset("Shortest", "No more than one request needs.", {}),
    Preset(
        "For production",
        "Retries, keeps and resumes; Ctrl-C; cost and request id.",
        {**_CAREFUL, "stop": "1"},
    ),
    Preset(
        "Relay with a page",
        "A server of yours between Claude and browsers.",
        _CAREFUL,
        is_relay=True,
    ),
)
# What is asked stays: a preset is about the program.
_KEPT = (
    *("model", "max_tokens", "prompt", "system", "stop_sequences", "display", "effort"),
    *("schema", "tool_name", "tool_description", "tool_schema"),
)


def preset_values(preset: Preset, language: str, models: Models) -> dict[str, str]:
    """The values that a preset sets. `language` stays if it is of the preset's kind."""
    fits = language in LANGUAGES and (language in RELAYS) == preset.is_relay
    changed = {"language": language if fits else RELAYS[0] if preset.is_relay else _PROGRAMS[0]}
    changed |= preset.values
    return {
        option.name: changed.get(option.name, option.default)
        for option in all_options(models)
        if option.name not in _KEPT
    }


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "\n".join(value) if isinstance(value, tuple) else str(value)
