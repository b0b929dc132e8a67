"""The official SDKs as judges: they play every scenario, and get along with everything else."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Literal

import anthropic
import httpx2
import pytest
from anthropic.types import MessageParam, ToolParam
from pydantic import BaseModel, Field

from streamguide.scenarios.load import Scenario
from tests.simulator.assembled import Json, assembled, without_nulls
from tests.simulator.requests import LIBRARY
from tools import nodejs
from tools.faults import curl
from tools.faults.cases import Case
from tools.goldens import FOLDER
from tools.process import ROOT

SCENARIOS = list(LIBRARY.scenarios.values())
FINISHED = [scenario for scenario in SCENARIOS if scenario.error is None]
BROKEN = "overloaded"
MODEL = "claude-opus-5-5"
SECONDS = 60

each_finished = pytest.mark.parametrize("scenario", FINISHED, ids=lambda scenario: scenario.name)


def golden(name: str) -> Json:
    """The scenario's finished message, as the site that does not wait gives it, ids included."""
    return dict(without_nulls(json.loads((FOLDER / f"{name}.json").read_bytes())))


def request(scenario: Scenario) -> Any:
    user: MessageParam = {"role": "user", "content": scenario.prompt}
    return {"model": scenario.model, "max_tokens": 20_000, "messages": [user]}


def hello(content: Any = "Hello", **changes: Any) -> Any:
    """A request that any path answers."""
    user: MessageParam = {"role": "user", "content": content}
    return {"model": MODEL, "max_tokens": 20_000, "messages": [user], **changes}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    """One for all clients, because it takes long to make."""
    with anthropic.DefaultHttpxClient() as made:
        yield made


@pytest.fixture
def client(unpaced: str, http: httpx2.Client) -> Any:
    """A client of the simulator without a scenario."""
    return client_of(unpaced, http)


def client_of(site: str, http: httpx2.Client, path: str = "", **options: Any) -> Any:
    """A client of the simulator at this path."""
    base = f"{site}/simulator/{path}".rstrip("/")
    options = {"api_key": "any", "max_retries": 0, **options}
    return anthropic.Anthropic(base_url=base, http_client=http, **options)


def messages_of(client: Any, scenario: Scenario) -> Any:
    """The client's messages, of its beta part if the scenario needs one."""
    return client.beta.messages if scenario.beta else client.messages


def text_of(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


# Every scenario, whole


@each_finished
def test_python_stream_makes_exactly_the_finished_message(
    unpaced: str, http: httpx2.Client, scenario: Scenario
) -> None:
    client = client_of(unpaced, http, scenario.name)
    messages = messages_of(client, scenario)
    with messages.stream(**request(scenario)) as stream:
        message = stream.get_final_message().to_dict(mode="json")
    assert without_nulls(message) == golden(scenario.name)


@each_finished
def test_python_create_gives_the_events_that_make_it(
    unpaced: str, http: httpx2.Client, scenario: Scenario
) -> None:
    client = client_of(unpaced, http, scenario.name)
    messages = messages_of(client, scenario)
    with messages.create(**request(scenario), stream=True) as stream:
        events = [event.to_dict(mode="json") for event in stream]
    assert without_nulls(assembled(events)) == golden(scenario.name)


@each_finished
def test_without_streaming_it_is_the_same_message(
    unpaced: str, http: httpx2.Client, scenario: Scenario
) -> None:
    client = client_of(unpaced, http, scenario.name)
    messages = messages_of(client, scenario)
    message = messages.create(**request(scenario)).to_dict(mode="json")
    assert without_nulls(message) == golden(scenario.name)


@asynccontextmanager
async def async_messages(site: str, scenario: Scenario) -> AsyncIterator[Any]:
    base = f"{site}/simulator/{scenario.name}"
    async with anthropic.AsyncAnthropic(api_key="any", base_url=base, max_retries=0) as client:
        yield messages_of(client, scenario)


async def by_async_stream(site: str, scenario: Scenario) -> Json:
    async with (
        async_messages(site, scenario) as messages,
        messages.stream(**request(scenario)) as stream,
    ):
        message: Json = (await stream.get_final_message()).to_dict(mode="json")
    return message


async def by_async_create(site: str, scenario: Scenario) -> Json:
    async with (
        async_messages(site, scenario) as messages,
        await messages.create(**request(scenario), stream=True) as stream,
    ):
        return assembled([event.to_dict(mode="json") async for event in stream])


@pytest.mark.parametrize("way", [by_async_stream, by_async_create], ids=lambda way: way.__name__)
def test_async_python_makes_the_same_of_every_scenario(unpaced: str, way: Any) -> None:
    async def play_all() -> list[Json]:
        return list(await asyncio.gather(*(way(unpaced, scenario) for scenario in FINISHED)))

    # In a thread, because browser tests leave this one with an event loop that runs.
    with ThreadPoolExecutor(1) as pool:
        played = pool.submit(lambda: asyncio.run(play_all())).result()
    for scenario, message in zip(FINISHED, played, strict=True):
        assert without_nulls(message) == golden(scenario.name), scenario.name


@pytest.fixture(scope="module")
def javascript(unpaced: str) -> Json:
    """What the JavaScript SDK makes of every scenario."""
    node = nodejs.find()
    assert node is not None, nodejs.WHAT_TO_INSTALL
    asked = {
        "base": f"{unpaced}/simulator",
        "scenarios": [
            {"name": s.name, "model": s.model, "prompt": s.prompt, "beta": s.beta}
            for s in SCENARIOS
        ],
    }
    process = subprocess.run(
        [node, "tests/simulator/play_all.mjs"],
        cwd=ROOT,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    played: Json = json.loads(process.stdout)
    return played


def test_javascript_stream_makes_exactly_the_finished_message(javascript: Json) -> None:
    for scenario in FINISHED:
        message = without_nulls(javascript[scenario.name]["message"])
        assert message == golden(scenario.name), scenario.name


def test_javascript_create_gives_the_events_that_make_it(javascript: Json) -> None:
    for scenario in FINISHED:
        message = without_nulls(assembled(javascript[scenario.name]["events"]))
        assert message == golden(scenario.name), scenario.name


def test_a_stream_that_ends_in_an_error_raises_in_every_client(
    unpaced: str, http: httpx2.Client, javascript: Json
) -> None:
    scenario = LIBRARY.scenarios[BROKEN]
    client = client_of(unpaced, http, BROKEN)
    with (
        pytest.raises(anthropic.APIStatusError) as caught,
        client.messages.stream(**request(scenario)) as stream,
    ):
        stream.until_done()
    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")
    for way in ("message", "events"):
        error = javascript[BROKEN][way]["error"]
        assert (error["class"], error["type"]) == ("APIError", "overloaded_error")
        assert error["status"] is None


def test_drip_splits_no_character_for_any_client(unpaced: str, http: httpx2.Client) -> None:
    client = client_of(unpaced, http, "languages/drip;byte=1")
    with client.messages.stream(**request(LIBRARY.scenarios["languages"])) as stream:
        message = stream.get_final_message().to_dict(mode="json")
    assert without_nulls(message) == golden("languages")


# curl and jq


@each_finished
def test_curl_and_jq_print_the_text(unpaced: str, scenario: Scenario) -> None:
    told = curl.measure(f"{unpaced}/simulator/{scenario.name}", "any", Case("none", "none"))
    content = golden(scenario.name)["content"]
    # What message_start brings whole has no deltas.
    texts = () if scenario.whole_at_start else (block.get("text", "") for block in content)
    assert (told["raised"], told["text"]) == (None, "".join(texts))


# The other paths


def test_tokens_are_counted(client: anthropic.Anthropic) -> None:
    asked = {"model": MODEL, "messages": hello()["messages"]}
    short = client.messages.count_tokens(**asked)
    longer = client.messages.count_tokens(**asked, system="Be brief. " * 50)
    assert 0 < short.input_tokens < longer.input_tokens


@pytest.fixture
def strict(unpaced: str, http: httpx2.Client) -> Any:
    """A client that refuses responses which are not of the SDK's types."""
    return client_of(unpaced, http, _strict_response_validation=True)


def test_the_models_are_listed_in_pages(strict: anthropic.Anthropic) -> None:
    ids = list(LIBRARY.models.by_id)
    assert [model.id for model in strict.models.list()] == ids
    first = strict.models.list(limit=3)
    assert first.has_next_page()
    assert [model.id for model in first] == ids
    assert [model.id for model in first.get_next_page().data] == ids[3:6]


def test_a_model_is_described_by_id_and_by_alias(strict: anthropic.Anthropic) -> None:
    for model in LIBRARY.models.by_id.values():
        for id_ in model.ids:
            info = strict.models.retrieve(id_)
            assert (info.id, info.display_name) == (id_, model.title)
            assert info.max_tokens == model.max_output
    with pytest.raises(anthropic.NotFoundError):
        strict.models.retrieve("claude-none")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"extra_body": {"temperature": 1}}, anthropic.BadRequestError),
        ({"max_tokens": 10**9}, anthropic.BadRequestError),
        ({"extra_headers": {"authorization": "Basic any"}}, anthropic.AuthenticationError),
        ({"model": "claude-none"}, anthropic.NotFoundError),
        ({"system": "x" * (32 * 1024 * 1024)}, anthropic.ContentTooLargeError),
    ],
    ids=["sampling", "max_tokens", "key", "model", "size"],
)
def test_what_the_api_refuses_raises_the_same(
    client: anthropic.Anthropic, changes: Any, error: type[anthropic.APIStatusError]
) -> None:
    with pytest.raises(error) as caught:
        client.messages.create(**hello(**changes), timeout=SECONDS)
    assert type(caught.value) is error
    assert caught.value.request_id


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status;code=429", anthropic.RateLimitError),
        ("status;code=529", anthropic.OverloadedError),
        ("status;code=402", anthropic.PaymentRequiredError),
    ],
)
def test_a_status_raises_its_class(
    unpaced: str, http: httpx2.Client, fault: str, error: type[anthropic.APIStatusError]
) -> None:
    client = client_of(unpaced, http, f"auto/{fault}")
    with pytest.raises(error):
        client.messages.create(**hello())


def test_a_spend_limit_has_its_code_and_no_retry_after(unpaced: str, http: httpx2.Client) -> None:
    fault = "status;code=429;error_code=enforced_spend_limit_reached"
    client = client_of(unpaced, http, f"auto/{fault}")
    with pytest.raises(anthropic.EnforcedSpendLimitReachedError) as caught:
        client.messages.create(**hello())
    assert caught.value.error_code == "enforced_spend_limit_reached"
    assert "retry-after" not in caught.value.response.headers


# What the request says


def test_a_dropped_stream_is_resumed_by_a_user_message(unpaced: str, http: httpx2.Client) -> None:
    whole = text_of_golden("hello")
    client = client_of(unpaced, http, "hello/drop;at=15;times=1", api_key="resume")
    partial = ""
    with (
        pytest.raises(httpx2.RemoteProtocolError),
        client.messages.stream(**hello()) as stream,
    ):
        for text in stream.text_stream:
            partial += text
    assert 0 < len(partial) < len(whole)
    again = f"Your answer broke off. It began:\n\n{partial}\n\nGo on where it stops."
    with client.messages.stream(**hello(again)) as stream:
        rest = stream.get_final_text()
    assert partial + rest == whole


def test_an_older_model_continues_its_own_message(unpaced: str, http: httpx2.Client) -> None:
    whole = text_of_golden("hello")
    client = client_of(unpaced, http, "hello")
    # White space at the end of a prefill is an error, so it is left out and comes again.
    partial = whole[:100].rstrip()
    prefill: MessageParam = {"role": "assistant", "content": partial}
    asked = hello(model="claude-haiku-4-5")
    asked["messages"].append(prefill)
    message = client.messages.create(**asked)
    assert partial + text_of(message) == whole
    with pytest.raises(anthropic.BadRequestError, match="prefill"):
        client.messages.create(**{**asked, "model": MODEL})


def text_of_golden(name: str) -> str:
    return "".join(block.get("text", "") for block in golden(name)["content"])


WEATHER: ToolParam = {
    "name": "get_weather",
    "description": "The weather at a place.",
    "input_schema": {
        "type": "object",
        "properties": {
            "place": {"type": "string"},
            "unit": {"enum": ["celsius", "fahrenheit"]},
            "days": {"type": "integer", "minimum": 1},
        },
        "required": ["place", "unit", "days"],
    },
}


def test_a_tool_is_called_and_its_result_answered(client: anthropic.Anthropic) -> None:
    asked = hello("What is the weather like?", tools=[WEATHER])
    with client.messages.stream(**asked) as stream:
        answer = stream.get_final_message()
    assert answer.stop_reason == "tool_use"
    (call,) = (block for block in answer.content if block.type == "tool_use")
    assert call.name == "get_weather"
    given = dict(call.input)
    assert given.keys() == {"place", "unit", "days"}
    assert given["unit"] in ("celsius", "fahrenheit")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "14 degrees, rain"}
    asked["messages"] += [
        {"role": "assistant", "content": answer.content},
        {"role": "user", "content": [result]},
    ]
    with client.messages.stream(**asked) as stream:
        end = stream.get_final_message()
    assert end.stop_reason == "end_turn"
    assert "14 degrees, rain" in text_of(end)


class Person(BaseModel):
    """Structured output. The SDK describes in words what the API's schemas cannot say."""

    name: str = Field(max_length=40, pattern="^[A-Z][a-z]+, [A-Z]$")
    age: int = Field(ge=18, multiple_of=7)
    place: tuple[float, str]
    born: date
    role: Literal["engineer", "writer"]
    tags: set[str]
    boss: Person | None = None


def test_structured_output_fits_its_class(client: Any) -> None:
    parsed = client.messages.parse(**hello(), output_format=Person).parsed_output
    assert (parsed.name, parsed.age, parsed.place) == ("Aa, A", 21, (1, "example place"))
    assert (parsed.role, parsed.tags) == ("engineer", {"example tags"})
    with client.messages.stream(**hello(), output_format=Person) as stream:
        assert stream.get_final_message().parsed_output == parsed


def tool_named(name: str, calls: list[Any]) -> Any:
    """A tool for the SDK's runner, which notes how it is called."""

    def run(place: str, days: int) -> str:
        calls.append((name, place, days))
        return f"{name} of {place}"

    return anthropic.beta_tool(run, name=name, description="For a place and some days.")


@pytest.mark.parametrize(
    ("asks", "called"),
    [
        ("Weather?", ["weather"]),
        ("simulate: tools=2;steps=2", ["weather", "tide", "weather", "tide"]),
        ("simulate: steps=3", ["weather", "tide", "weather"]),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_the_sdks_runner_runs_as_many_steps_as_are_asked_for(
    client: Any, asks: str, called: list[str], stream: bool
) -> None:
    calls: list[Any] = []
    tools = [tool_named("weather", calls), tool_named("tide", calls)]
    runner = client.beta.messages.tool_runner(**hello(asks), tools=tools, stream=stream)
    end = runner.until_done()
    assert [name for name, *_ in calls] == called
    assert calls[0][1:] == ("example place", 1)
    assert end.stop_reason == "end_turn"
    assert text_of(end).startswith(f"The tool answered: {called[-1]} of example place")


def test_the_sdks_runner_takes_up_a_turn_that_paused(unpaced: str, http: httpx2.Client) -> None:
    client = client_of(unpaced, http, "pause-turn")
    search = {"type": "web_search_20260209", "name": "web_search"}
    end = client.beta.messages.tool_runner(**hello(), tools=[search]).until_done()
    assert (end.stop_reason, text_of(end)[:32]) == ("end_turn", "The turn goes on where it paused")


def test_a_scenarios_tool_takes_its_result(unpaced: str, http: httpx2.Client) -> None:
    calls: list[Any] = []
    runner = client_of(unpaced, http, "tool-use").beta.messages.tool_runner(
        **hello(), tools=[tool_named("get_forecast", calls)], max_iterations=5
    )
    # The call's input is the scenario's own, which this tool does not take: it is told so.
    assert text_of(runner.until_done()).startswith("The tool failed: ")


def test_a_stop_sequence_ends_the_answer(unpaced: str, http: httpx2.Client) -> None:
    client = client_of(unpaced, http, "hello")
    whole = text_of_golden("hello")
    stop = "first sentence"
    with client.messages.stream(**hello(stop_sequences=["nowhere", stop])) as stream:
        message = stream.get_final_message()
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", stop)
    assert text_of(message) == whole.partition(stop)[0]


@pytest.mark.parametrize(("is_eager", "given"), [(True, '{"a": "example a......'), (False, "")])
def test_only_an_eager_tools_input_is_cut_within_a_value(
    client: anthropic.Anthropic, is_eager: bool, given: str
) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "minLength": 60}}}
    tool = {"name": "note", "input_schema": schema, "eager_input_streaming": is_eager}
    with client.messages.stream(**hello(tools=[tool], max_tokens=12)) as stream:
        deltas = [event.delta for event in stream if event.type == "content_block_delta"]
        fragments = [delta.partial_json for delta in deltas if delta.type == "input_json_delta"]
        assert stream.get_final_message().stop_reason == "max_tokens"
    joined = "".join(fragments)
    assert joined.startswith(given) and not joined.endswith("}")
    assert bool(joined) == is_eager


@pytest.mark.parametrize(
    "fault",
    [
        *(f"other-lines;how={how}" for how in ("comments", "ids", "retry", "spacing")),
        "other-lines;how=data-lines",
        "compressed",
        "stays-open;seconds=0.1",
    ],
)
def test_what_is_legal_changes_nothing_for_the_sdk(
    unpaced: str, http: httpx2.Client, fault: str
) -> None:
    plain, changed = (
        client_of(unpaced, http, path).messages.create(**hello(), stream=True)
        for path in ("hello", f"hello/{fault}")
    )
    assert [event.type for event in changed] == [event.type for event in plain]


def test_a_proxys_page_raises_its_status(unpaced: str, http: httpx2.Client) -> None:
    for code in (502, 524):
        with pytest.raises(anthropic.InternalServerError) as caught:
            client_of(unpaced, http, f"hello/proxy-error;code={code}").messages.create(**hello())
        assert caught.value.status_code == code


@pytest.mark.parametrize("max_tokens", [1, 20, 60])
def test_max_tokens_cuts_the_answer(unpaced: str, http: httpx2.Client, max_tokens: int) -> None:
    client = client_of(unpaced, http, "hello")
    with client.messages.stream(**hello(max_tokens=max_tokens)) as stream:
        message = stream.get_final_message()
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == max_tokens
    assert text_of_golden("hello").startswith(text_of(message))
    assert len(text_of(message)) < len(text_of_golden("hello"))


@pytest.mark.parametrize(("display", "shown"), [("summarized", True), ("omitted", False)])
@pytest.mark.parametrize("name", ["thinking", "thinking-omitted"])
def test_thinking_is_shown_as_the_request_wants(
    unpaced: str, http: httpx2.Client, name: str, display: str, shown: bool
) -> None:
    client = client_of(unpaced, http, name)
    thinking = {"type": "adaptive", "display": display}
    with client.messages.stream(**hello(thinking=thinking)) as stream:
        message = stream.get_final_message()
    (block,) = (block for block in message.content if block.type == "thinking")
    assert bool(block.thinking) is shown
    assert block.signature
    assert text_of(message) == text_of_golden(name)


def test_a_message_can_name_its_scenario(client: anthropic.Anthropic) -> None:
    with client.messages.stream(**hello("Please simulate: citations")) as stream:
        message = stream.get_final_message()
    assert text_of(message) == text_of_golden("citations")


def test_the_same_request_gets_the_same_text_and_usage(client: anthropic.Anthropic) -> None:
    first, second = (client.messages.create(**hello("Is it you?")) for _ in range(2))
    assert text_of(first) == text_of(second)
    assert first.usage == second.usage
    assert "Is it you?" in text_of(first)
