"""A Messages request, checked as the API checks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from streamguide.models import Model, Models
from streamguide.protocol.refusal import Refusal, invalid
from streamguide.protocol.request_names import BETA_FIELDS, BETAS, FIELDS
from streamguide.turns import Pause, no_pause
from streamguide.validation import validate

MOST_BYTES = 32 * 1024 * 1024
MOST_MESSAGES = 100_000
# These limits are ours, and generous: no documented ones are known.
MOST_TOOLS = 10_000
MOST_BLOCKS = 10_000
# Each is looked for in the answer.
MOST_STOP_SEQUENCES = 1000
_LONGEST_STOP_SEQUENCE = 10_000
_LONGEST_NAME = 200
# The API's own words, in its refusals of other names.
_TOOL_NAME = "^[a-zA-Z0-9_-]{1,128}$"
VERSIONS = ("2026-10-21", "2023-06-01")
BROWSER_HEADER = "anthropic-dangerous-direct-browser-access"

# Gone with version 2026-10-21. Before it, models up to 4.6 took them.
_SAMPLING = ("temperature", "top_p", "top_k")
# Smaller budgets are refused, by the SDK's own documentation of `budget_tokens`.
_SMALLEST_BUDGET = 1024
# Tools that the caller runs, whose schema the API knows by the beginning of their type.
_CLIENT_TOOLS = ("bash_", "text_editor_", "memory_", "computer_")
_SERVER_CALLS = ("server_tool_use", "mcp_tool_use")
# The server tool whose tokens can be counted.
_ADVISOR = "advisor_"
# The length to which an error repeats a value.
_MOST_ECHOED = 100

# Betas that clients send beside those of the SDK: older ones, and Claude Code's.
_OTHER_BETAS = ("fine-grained-tool-streaming-2025-05-14", "max-tokens-3-5-sonnet-2024-07-15")
_BETA_FAMILIES = ("claude-code-", "oauth-")

Item = TypeVar("Item")
# Without fail_fast, a list of a million wrong items costs a million errors.
_List = Annotated[list[Item], Field(fail_fast=True)]
_Name = Annotated[str, Field(max_length=_LONGEST_NAME)]


class _Part(BaseModel):
    # Unknown fields are allowed, except at the top level.
    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class Block(_Part):
    """A content block of a message; its other fields depend on its type."""

    type: _Name

    def extra(self, name: str) -> Any:
        """A field of some block types, or None."""
        return (self.model_extra or {}).get(name)


Blocks = Annotated[_List[Block], Field(max_length=MOST_BLOCKS)]


class Message(_Part):
    """One message of the conversation."""

    role: Literal["user", "assistant", "system"]
    content: str | Blocks

    @property
    def blocks(self) -> list[Block]:
        """The content's blocks: plain text has none."""
        return [] if isinstance(self.content, str) else self.content

    @property
    def text(self) -> str:
        """The text, or that of its text blocks."""
        if isinstance(self.content, str):
            return self.content
        texts = (block.extra("text") for block in self.blocks if block.type == "text")
        return "".join(text for text in texts if isinstance(text, str))

    @property
    def results(self) -> list[Block]:
        """The results of the caller's tools that it brings."""
        return [block for block in self.blocks if block.type == "tool_result"]

    @property
    def is_paused(self) -> bool:
        """Whether it is a turn that paused among its server tools, sent back to go on."""
        if self.role != "assistant" or not self.blocks:
            return False
        type_ = self.blocks[-1].type
        return type_ in _SERVER_CALLS or (type_.endswith("_tool_result") and type_ != "tool_result")


class Tool(_Part):
    """A tool of the request. Server tools have a `type` of their own and no schema."""

    # Toolsets have none.
    name: str = Field(default="", pattern=_TOOL_NAME)
    type: _Name | None = None
    input_schema: dict[str, Any] | None = None
    eager_input_streaming: bool | None = None

    @property
    def is_client(self) -> bool:
        """Whether the caller runs it."""
        known = str(self.type).startswith(_CLIENT_TOOLS) and not self.is_toolset
        return self.has_schema or known

    @property
    def is_toolset(self) -> bool:
        """Whether it stands for tools that have names of their own: of an MCP server, of a browser."""
        return "_toolset" in str(self.type)

    @property
    def has_schema(self) -> bool:
        """Whether the request has to say what its input is."""
        return self.type in (None, "custom")


class ToolChoice(_Part):
    """Which tool the answer has to call, if any."""

    type: Literal["auto", "any", "tool", "none"]
    name: _Name | None = None


class Thinking(_Part):
    """How the model thinks, and how much of it is shown."""

    type: Literal["adaptive", "between_tools", "disabled", "enabled"]
    budget_tokens: int | None = None
    display: Literal["summarized", "omitted", "updates"] | None = None


class SchemaFormat(_Part):
    """A schema that the answer's text has to fit, as JSON."""

    type: Literal["json_schema"]
    schema_: dict[str, Any] = Field(alias="schema")


class OutputConfig(_Part):
    """How much effort the answer takes, and its format."""

    effort: _Name | None = None
    format: SchemaFormat | None = None


class MessagesRequest(_Part):
    """The body of `POST /v1/messages`."""

    model: _Name
    # 0 fills the prompt cache without generating anything, by the SDK's documentation.
    max_tokens: int = Field(ge=0)
    messages: _List[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool | None = None
    system: str | Blocks | None = None
    stop_sequences: (
        Annotated[
            _List[Annotated[str, Field(max_length=_LONGEST_STOP_SEQUENCE)]],
            Field(max_length=MOST_STOP_SEQUENCES),
        ]
        | None
    ) = None
    tools: Annotated[_List[Tool], Field(max_length=MOST_TOOLS)] | None = None
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    output_config: OutputConfig | None = None
    cache_control: dict[str, Any] | None = None
    container: Any = None
    diagnostics: dict[str, Any] | None = None
    inference_geo: _Name | None = None
    metadata: dict[str, Any] | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    speed: Literal["standard", "fast"] | None = None
    _bytes: int = PrivateAttr(default=0)

    @property
    def bytes(self) -> int:
        """The length of the body that it was read from."""
        return self._bytes

    @property
    def output_schema(self) -> dict[str, Any] | None:
        """The schema of structured output, if the request asks for it."""
        format_ = self.output_config and self.output_config.format
        return format_.schema_ if format_ else None

    @property
    def client_tools(self) -> list[Tool]:
        """The tools that the caller runs."""
        return [tool for tool in self.tools or [] if tool.is_client]


class CountRequest(MessagesRequest):
    """The body of `POST /v1/messages/count_tokens`: a request without a limit."""

    max_tokens: int = Field(default=1, ge=0)


Request = TypeVar("Request", bound=MessagesRequest)


def key_of(headers: Mapping[str, str]) -> str:
    """The key of a request, by headers with lower-case names. Raises Refusal without one.

    If both are sent, `x-api-key` wins over `Authorization`, as reported of the API.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    key = headers.get("x-api-key", "").strip() or bearer
    if not key:
        raise Refusal(
            401,
            "authentication_error",
            "no key: send `Authorization: Bearer …` or `x-api-key: …` (here any key will do)",
        )
    return key


def check_headers(headers: Mapping[str, str]) -> None:
    """Check the version, and that a browser's request says that it is one. Raises Refusal."""
    if "origin" in headers and headers.get(BROWSER_HEADER, "").lower() != "true":
        raise Refusal(
            401, "authentication_error", f"CORS requests must set '{BROWSER_HEADER}' header"
        )
    version = headers.get("anthropic-version")
    if version is None:
        raise invalid("anthropic-version: header is required")
    if version not in VERSIONS:
        known = " and ".join(VERSIONS)
        raise invalid(
            f'anthropic-version: "{version[:_MOST_ECHOED]}" is not a version; there are {known}'
        )
    for beta in filter(None, map(str.strip, headers.get("anthropic-beta", "").split(","))):
        if beta not in (*BETAS, *_OTHER_BETAS) and not beta.startswith(_BETA_FAMILIES):
            raise invalid(
                f"Unexpected value(s) `{beta[:_MOST_ECHOED]}` for the `anthropic-beta` header"
            )


def too_large() -> Refusal:
    """The refusal of a body over 32 MB."""
    return Refusal(413, "request_too_large", "Request exceeds the maximum size of 32 MB")


def parse(
    body: bytes, headers: Mapping[str, str], models: Models, pause: Pause = no_pause
) -> MessagesRequest:
    """The request of a Messages body. Raises Refusal."""
    return _parsed(MessagesRequest, body, headers, models, pause)


def parse_count(
    body: bytes, headers: Mapping[str, str], models: Models, pause: Pause = no_pause
) -> CountRequest:
    """The request of a count_tokens body. Raises Refusal."""
    request = _parsed(CountRequest, body, headers, models, pause)
    for number, tool in enumerate(request.tools or []):
        if not tool.is_client and not str(tool.type).startswith(_ADVISOR):
            raise invalid(f"tools.{number}: tokens of server tools cannot be counted")
    for number, message in enumerate(request.messages):
        pause()
        if any(_is_elsewhere(block) for block in message.blocks):
            raise invalid(
                f"messages.{number}: tokens of an image or document by url or file cannot be counted"
            )
    return request


def _parsed(
    kind: type[Request], body: bytes, headers: Mapping[str, str], models: Models, pause: Pause
) -> Request:
    request = validate(kind, body, pause=pause)
    pause()
    request._bytes = len(body)
    model = find_model(request.model, models)
    if (request.model_extra or {}).get("thread") is not None and headers.get("anthropic-beta"):
        # As the API where it cannot keep a thread: the SDK's runner goes on without one.
        raise Refusal(
            400,
            "invalid_request_error",
            "thread: the simulator keeps no threads; send the full conversation without it",
            details={"error_code": "thread_unsupported_request"},
        )
    for problem in _problems(request, headers, model, pause):
        raise invalid(problem)
    return request


def find_model(id_: str, models: Models) -> Model:
    """The available model of an id or alias. Raises Refusal: 404, as the API."""
    model = models.find(id_)
    if model is None:
        raise Refusal(404, "not_found_error", f"model: {id_[:_MOST_ECHOED]}")
    return model


def _is_elsewhere(block: Block) -> bool:
    source = block.extra("source")
    remote = isinstance(source, dict) and source.get("type") in ("url", "file")
    return remote and block.type in ("image", "document")


def _problems(
    request: MessagesRequest, headers: Mapping[str, str], model: Model, pause: Pause
) -> Iterator[str]:
    """The problems of a request, in the order of the checks."""
    known = FIELDS | BETA_FIELDS if headers.get("anthropic-beta") else FIELDS
    for name in request.model_extra or ():
        if name not in known:
            yield f"{name[:_MOST_ECHOED]}: Extra inputs are not permitted"
    yield from _sampling_problems(request, headers["anthropic-version"], model)
    if request.max_tokens > model.max_output:
        yield (
            f"max_tokens: {request.max_tokens} > {model.max_output}, which is the maximum "
            f"allowed number of output tokens for {model.id}"
        )
    last = request.messages[-1]
    if last.role == "assistant" and not last.is_paused and not model.prefill:
        yield (
            "messages: this model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )
    yield from _content_problems(request, headers["anthropic-version"], pause)
    yield from _call_problems(request.messages, pause)
    yield from _thinking_problems(request, model)
    yield from _tool_problems(request, model)


def _sampling_problems(request: MessagesRequest, version: str, model: Model) -> Iterator[str]:
    for name in _SAMPLING:
        if name not in request.model_fields_set:
            continue
        if version != VERSIONS[1]:
            yield f"{name}: Extra inputs are not permitted"
        elif "enabled" not in model.thinking_types and getattr(request, name) not in (None, 1):
            yield f"{name}: {model.id} takes no other value than the default"


def _content_problems(request: MessagesRequest, version: str, pause: Pause) -> Iterator[str]:
    for number, message in enumerate(request.messages):
        pause()
        for place, block in enumerate(message.blocks):
            problem = _block_problem(block, message.role, version)
            if problem:
                yield f"messages.{number}.content.{place}{problem}"


def _block_problem(block: Block, role: str, version: str) -> str:
    """What is wrong with a block. The words of the second to fifth are quoted in public reports."""
    match block.type:
        case "text" if not isinstance(block.extra("text"), str):
            return ".text: Field required"
        case "text" if not block.extra("text"):
            return ": text content blocks must be non-empty"
        case "thinking" if not block.extra("signature"):
            return ".thinking.signature: Field required"
        case "tool_use" if not isinstance(block.extra("input"), dict):
            return ".tool_use.input: Input should be a valid dictionary"
        case type_ if type_.endswith("_delta"):
            return (
                f": Input tag '{type_}' found using 'type' does not match any of the expected tags"
            )
        case "document" if version == VERSIONS[0] and role == "assistant":
            return ": a document cannot stand in an assistant message"
        case "text" if version == VERSIONS[0] and block.extra("citations") and role == "user":
            return ".citations: Extra inputs are not permitted"
    return ""


def _call_problems(messages: list[Message], pause: Pause) -> Iterator[str]:
    """Calls without results in the next message (quoted in public), and results without calls.

    The second is inferred: it is the same rule from the other side.
    """
    called: set[str] = set()
    for number, message in enumerate(messages):
        pause()
        answered = {str(block.extra("tool_use_id")) for block in message.results}
        if missing := sorted(called - answered):
            yield (
                f"messages.{number}: `tool_use` ids were found without `tool_result` blocks "
                f"immediately after: {', '.join(missing)[:_MOST_ECHOED]}. Each `tool_use` block must "
                "have a corresponding `tool_result` block in the next message."
            )
        if unexpected := sorted(answered - called):
            yield (
                f"messages.{number}: unexpected `tool_use_id` found in `tool_result` blocks: "
                f"{', '.join(unexpected)[:_MOST_ECHOED]}. Each `tool_result` block must have a "
                "corresponding `tool_use` block in the previous message."
            )
        called = {str(block.extra("id")) for block in message.blocks if block.type == "tool_use"}


def _thinking_problems(request: MessagesRequest, model: Model) -> Iterator[str]:
    thinking = request.thinking
    if thinking is None:
        return
    if thinking.type not in model.thinking_types:
        allowed = ", ".join(model.thinking_types)
        yield f'thinking.type: "{thinking.type}" is not supported by {model.id}; it takes {allowed}'
    efforts = model.thinking_efforts.get(thinking.type)
    effort = (request.output_config and request.output_config.effort) or model.default_effort
    if efforts is not None and effort not in efforts:
        yield (
            f'thinking.type: "{thinking.type}" is supported by {model.id} with effort '
            f"{', '.join(efforts)} only"
        )
    budget = thinking.budget_tokens
    if thinking.type == "enabled":
        if budget is None:
            yield "thinking.enabled.budget_tokens: Field required"
        elif budget < _SMALLEST_BUDGET:
            yield f"thinking.enabled.budget_tokens: at least {_SMALLEST_BUDGET}"
        elif budget >= request.max_tokens and "max_tokens" in request.model_fields_set:
            yield "max_tokens: must be greater than thinking.budget_tokens"
    elif budget is not None:
        yield f"thinking.{thinking.type}.budget_tokens: Extra inputs are not permitted"


def _tool_problems(request: MessagesRequest, model: Model) -> Iterator[str]:
    names = [tool.name for tool in request.tools or [] if not tool.is_toolset]
    if len(set(names)) < len(names):
        yield "tools: Tool names must be unique"
    for number, tool in enumerate(request.tools or []):
        if not tool.name and not tool.is_toolset:
            yield f"tools.{number}.name: Field required"
        if tool.has_schema and tool.input_schema is None:
            yield f"tools.{number}.input_schema: Field required"
    choice = request.tool_choice
    if choice is None or choice.type in ("auto", "none"):
        return
    if not names:
        yield "tool_choice: may only be given with tools"
    if choice.type == "tool" and choice.name is None:
        yield "tool_choice.name: Field required"
    elif choice.name is not None and choice.name not in names:
        yield f"tool_choice.name: no tool is called {choice.name[:_MOST_ECHOED]!r}"
    if not model.forced_tool_choice:
        yield f'tool_choice.type: "{choice.type}" is not supported by {model.id}; it takes auto, none'
