"""The options of a program: reading them from a form or a query, warnings, and presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from streamguide.generator.literals import LiteralError, check
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
_MOST_CHARACTERS = 20_000
_MOST_STOP_SEQUENCES = 16
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


@dataclass(frozen=True, slots=True)
class Option:
    """A field of the form. `values` are labels by value; `applies_to` names languages.

    `group` is its heading in the form, FOLDED for one of those that the form shows on demand;
    `removed` has a message for each former value.
    """

    name: str
    label: str
    group: str
    kind: Literal["choice", "flag", "text", "number"]
    default: str
    help: str
    values: Mapping[str, str] | None = None
    low: int = 0
    high: int = 0
    applies_to: tuple[str, ...] = _EVERY
    removed: Mapping[str, str] | None = None

    def read(self, text: str) -> str | int | bool:
        """Convert a text. Raises ValueError with a message for users."""
        match self.kind:
            case "choice":
                if text not in (self.values or {}):
                    raise ValueError(f"one of {', '.join(self.values or {})}, not {text!r}")
                return text
            case "flag":
                if text not in ("", "0", "1"):
                    raise ValueError(f"1 or 0, not {text!r}")
                return text == "1"
            case "number":
                # float() takes any number of digits, int() only a few thousand.
                is_whole = text.isascii() and text.isdigit()
                if not is_whole or not self.low <= float(text) <= self.high:
                    raise ValueError(f"a whole number from {self.low} to {self.high}")
                return int(float(text))
            case "text":
                return _text(text)

    def as_json(self) -> dict[str, Any]:
        """The option in `options.json`."""
        default: object = self.read(self.default)
        return {
            "name": self.name,
            "label": self.label,
            "kind": self.kind,
            "values": list(self.values) if self.values is not None else None,
            "default": default,
            "applies_to": list(self.applies_to),
        }


def _field(label: str, group: str, kind: str, default: str, help: str, **more: Any) -> Any:
    """A field of Options, with what the form shows for it."""
    shown = {"label": label, "group": group, "kind": kind, "default": default, "help": help}
    return field(metadata=shown | more)


def _choice(
    label: str, group: str, values: Mapping[str, str], help: str, default: str = "default"
) -> Any:
    return _field(label, group, "choice", default, help, values=values)


def _number(
    label: str,
    group: str,
    low: int,
    high: int,
    help: str,
    default: int,
    applies_to: tuple[str, ...] = _EVERY,
) -> Any:
    return _field(
        label, group, "number", str(default), help, low=low, high=high, applies_to=applies_to
    )


def _flag(
    label: str,
    group: str,
    help: str,
    applies_to: tuple[str, ...] = _EVERY,
    default: Literal["0", "1"] = "0",
) -> Any:
    return _field(label, group, "flag", default, help, applies_to=applies_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The valid choices for one program, in the order of the form.

    Every text can be written as a literal. `all_options` adds the models.
    """

    language: str = _choice(
        "Language",
        "Program",
        LANGUAGES,
        "With an SDK or without; relays come with a page that reads them.",
        "python",
    )
    recovery: str = _choice(
        "When a request or a stream fails",
        "Recovery",
        RECOVERY,
        "Before an answer begins the SDK tries twice more by itself, three requests in all, also "
        "on a spend limit; without an SDK nothing is tried again. Every other level is a loop of "
        "the program's own instead, and has the levels before it.",
        "none",
    )
    stop: bool = _flag(
        "Stop cleanly on Ctrl-C",
        "Recovery",
        "Closes the stream at once, and keeps the text so far.",
        _PROGRAMS,
    )
    breaker: bool = _flag(
        "Circuit breaker with a fallback",
        "Recovery",
        "After repeated failures a text of yours is shown, and nothing is asked for a while.",
        (*_WITH_TOOL, *RELAYS),
    )
    connect_timeout: int = _number(
        "Connect within, seconds",
        "Recovery",
        1,
        300,
        "To reach the server at all.",
        10,
        # What all platforms have in common has no such limit: the one on silence holds.
        tuple(name for name in LANGUAGES if name != "web"),
    )
    silence_timeout: int = _number(
        "Longest silence, seconds",
        "Recovery",
        1,
        3600,
        "Between two bytes; pings count. Hidden thinking may be silent for a minute.",
        120,
    )
    model: str = _choice("Model", "Request", {}, "", DEFAULT_MODEL)
    max_tokens: int = _number(
        "max_tokens",
        "Request",
        1,
        128_000,
        "The most that an answer may have, thinking included.",
        1024,
    )
    prompt: str = _field("Prompt", "Request", "text", _DEFAULT_PROMPT, "What the user says.")
    tool: bool = _flag("A tool, with its loop", "Request", "An example tool.", _WITH_TOOL)
    stream: bool = _flag(
        "Stream",
        "Request",
        "Off: the same request as one JSON answer, to try it out.",
        _PROGRAMS,
        "1",
    )
    system: str = _field("System prompt", FOLDED, "text", "", "Left out if empty.")
    stop_sequences: tuple[str, ...] = _field("Stop sequences", FOLDED, "text", "", "One a line.")
    display: str = _choice(
        "Thinking",
        FOLDED,
        _DISPLAY,
        "Whether a summary of the thinking is streamed. What the newest models say between calls "
        "of a tool is part of it.",
    )
    effort: str = _choice("Effort", FOLDED, _EFFORT, "How much work the model puts in.")
    events: str = _choice(
        "Events",
        FOLDED,
        _EVENTS,
        "Every event: thinking, tool input and citations too; what is unknown is passed over.",
        "text",
    )
    usage: bool = _flag("Usage and cost", _RECORDS, "The final usage, and what it costs.")
    count: bool = _flag("Count tokens first", _RECORDS, "Asks count_tokens beforehand.", _PROGRAMS)
    request_id: bool = _flag("Request id", _RECORDS, "For questions to support.")
    save: bool = _flag(
        "Save the raw stream", _RECORDS, "Every byte of it, in stream.sse.", _PROGRAMS
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
        """`recovery`, but without streaming no level above "retry": no part of an answer exists."""
        return self.recovery if self.stream or self.recovery == "none" else "retry"

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
    options = {one.name: Option(name=one.name, **one.metadata) for one in fields(Options)}
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
        try:
            values[name] = option.read(given[-1])
        except ValueError as error:
            problem = f"it takes {error}" if option.kind != "text" else str(error)
            errors[name] = (option.removed or {}).get(given[-1], problem)
    if not errors:
        _check_combinations(values, options, models.by_id[values["model"]], errors)
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


def _check_combinations(
    values: dict[str, Any], options: Mapping[str, Option], model: Model, errors: dict[str, str]
) -> None:
    """Check combinations of options, and reset those that do not apply to the language."""
    for name, option in options.items():
        if values["language"] not in option.applies_to:
            values[name] = option.read(option.default)
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
_KEPT = ("model", "max_tokens", "prompt", "system", "stop_sequences", "display", "effort")


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


def _text(text: str) -> str:
    # Browsers send newlines of forms as CR LF.
    text = text.replace("\r\n", "\n")
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(f"at most {_MOST_CHARACTERS:,} characters")
    try:
        check(text)
    except LiteralError as error:
        raise ValueError(str(error)) from error
    return text


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "\n".join(value) if isinstance(value, tuple) else str(value)
