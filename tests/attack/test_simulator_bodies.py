"""Bodies of any size and shape are answered with little CPU and memory."""

from __future__ import annotations

import gc
import http.client
import json
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from streamguide.content import load_content
from streamguide.live.request import parse
from streamguide.protocol.refusal import Refusal
from streamguide.settings import LiveSettings
from streamguide.simulator.endpoint import Endpoint, counted_seeds
from streamguide.simulator.plan import Plan
from tests.attack.conftest import first_of
from tools.bench.dear import MB, body, many, members
from tools.bench.machine import cpu_seconds
from tools.server import running

LARGEST = 32 * 1024 * 1024
HEADERS = {"anthropic-version": "2026-10-21"}
LIVE = LiveSettings(key=SecretStr("key"))
LIBRARY = load_content()
ENDPOINT = Endpoint(
    LIBRARY.table,
    lambda: LIBRARY.models,
    LIBRARY.scenarios,
    LIBRARY.recordings,
    counted_seeds(1),
)


def tool(schema: bytes, name: bytes = b"look_up") -> bytes:
    """A body with one tool."""
    return body(beside=b',"tools":[{"name":"' + name + b'","input_schema":' + schema + b"}]")


def property_of(schema: bytes, definitions: bytes = b"{}") -> bytes:
    """A body with one tool of one property."""
    return tool(
        b'{"type":"object","$defs":' + definitions + b',"properties":{"x":' + schema + b"}}"
    )


def long(size: int) -> bytes:
    """A JSON string."""
    return b'"' + b"a" * (size - 2) + b'"'


def output(schema: bytes) -> bytes:
    """A body that asks for output of a schema."""
    format_ = b'{"type":"json_schema","schema":' + schema + b"}"
    return body(beside=b',"output_config":{"format":' + format_ + b"}")


def branches(branch: bytes, number: int) -> bytes:
    """An `anyOf` with its name."""
    return b'"anyOf":' + many(branch, number * (len(branch) + 1))


# By name: the body of a size in bytes.
LISTS: dict[str, Callable[[int], bytes]] = {
    "wrong blocks": lambda size: body(many(b"0", size)),
    "wrong blocks of system": lambda size: body(beside=b',"system":' + many(b"0", size)),
    "wrong tools": lambda size: body(beside=b',"tools":' + many(b"0", size)),
    "wrong stop sequences": lambda size: body(beside=b',"stop_sequences":' + many(b"0", size)),
    "empty blocks": lambda size: body(many(b"{}", size)),
    "unknown fields": lambda size: body(beside=b"," + members(size)),
}
SHAPES: dict[str, Callable[[int], bytes]] = {
    **LISTS,
    "deep arrays": lambda size: b"[" * size,
    "deep objects": lambda size: body(b'{"a":' * (size // 5)),
    "a wide object": lambda size: b"{" + members(size) + b"}",
    "small objects": lambda size: body(beside=b',"metadata":{"a":' + many(b'{"":0}', size) + b"}"),
    "small arrays": lambda size: body(beside=b',"metadata":{"a":' + many(b"[]", size) + b"}"),
    "an integer": lambda size: body(beside=b',"top_k":' + b"9" * size),
    "a fraction": lambda size: body(beside=b',"top_p":0.' + b"9" * size),
    "a field's name": lambda size: body(beside=b"," + long(size) + b":0"),
    "a block's type": lambda size: body(b'[{"type":' + long(size) + b"}]"),
    "a tool's name": lambda size: tool(b'{"type":"object"}', b"a" * size),
    "a model": lambda size: b'{"model":' + long(size) + b',"max_tokens":1,"messages":[]}',
    "the name of a scenario": lambda size: body(b'"simulate: ' + b"a" * size + b'"'),
    "faults": lambda size: body(b'"simulate: hello/' + b"+a" * (size // 2) + b'"'),
}
SCHEMAS: dict[str, Callable[[int], bytes]] = {
    "branches": lambda size: property_of(b"{" + branches(b'{"pattern":""}', size // 15) + b"}"),
    "branches beside members": lambda size: property_of(
        b"{" + members(size) + b"," + branches(b'{"pattern":""}', 999) + b"}"
    ),
    "branches with one default": lambda size: property_of(
        b"{" + branches(b'{"$ref":"#/$defs/d"}', 999) + b"}",
        b'{"d":{"default":' + long(size) + b"}}",
    ),
    "branches that lead to themselves": lambda size: property_of(
        b'{"$ref":"#/$defs/d"}',
        b'{"d":{' + branches(b'{"$ref":"#/$defs/d"}', size // 21) + b"}}",
    ),
    "a default": lambda size: property_of(b'{"default":' + many(b"0", size) + b"}"),
    "an enum": lambda size: property_of(b'{"enum":[' + many(b"0", size) + b"]}"),
    "a reference": lambda size: property_of(b'{"$ref":"#' + b"/" * size + b'"}'),
    "required names": lambda size: tool(
        b'{"type":"object","required":' + many(b'"a"', size) + b"}"
    ),
    "properties": lambda size: tool(b'{"type":"object","properties":{' + members(size) + b"}}"),
    "a property's name": lambda size: tool(
        b'{"type":"object","properties":{' + long(size) + b":{}}}"
    ),
    "prefixItems": lambda size: property_of(
        b'{"type":"object","minProperties":1,"prefixItems":' + many(b"{}", size) + b"}"
    ),
    "a type": lambda size: property_of(b'{"type":{"a":' + many(b"0", size) + b"}}"),
}

# Schemas of some kilobytes, with defaults that a validator would be long at.
NESTED = (
    b'{"type":"object","properties":{"x":{"$ref":"#/$defs/d"}},"required":["x"]}',
    b'{"type":"object","properties":{"x":{"$ref":"#/$defs/d"}},"minProperties":1}',
)
VALIDATED: dict[str, bytes] = {
    "branches that refer to all, and a nested value": property_of(
        b'{"$ref":"#/$defs/d","default":' + b'{"x":' * 40 + b"1" + b"}" * 40 + b"}",
        b'{"d":{"anyOf":[' + b",".join(NESTED) + b"]}}",
    ),
    "branches that a wide value does not fit": property_of(
        b"{" + branches(b'{"type":"null"}', 900) + b',"default":{' + members(24_000) + b"}}"
    ),
    "branches that a long text does not fit": property_of(
        b"{" + branches(b'{"type":"null"}', 1900) + b',"default":' + long(45_000) + b"}"
    ),
    "required names that a wide value lacks": property_of(
        b'{"anyOf":[{"required":['
        + b",".join(b'"%d"' % number for number in range(3000))
        + b']}],"default":{'
        + members(24_000)
        + b"}}"
    ),
    "items with branches": property_of(
        b'{"default":' + many(b"0", 18_000) + b',"items":{' + branches(b'{"const":1}', 900) + b"}}"
    ),
    "branches that are false, and a long text": property_of(
        b"{" + branches(b"false", 1800) + b',"default":' + long(45_000) + b"}"
    ),
    "branches that a member with a long name does not fit": property_of(
        b"{"
        + branches(b'{"additionalProperties":{"type":"null"}}', 600)
        + b',"default":{'
        + long(45_000)
        + b":1}}"
    ),
    "branches that read a text as JSON": tool(
        b'{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"x":{'
        + branches(b'{"contentMediaType":"application/json"}', 900).replace(b"anyOf", b"allOf")
        + b',"default":"['
        + b"0," * 22_000
        + b'0]"}}}'
    ),
    "branches that require a long name": property_of(
        b"{" + branches(b'{"$ref":"#/$defs/d"}', 500) + b',"default":{}}',
        b'{"d":{"required":[' + long(2 * MB) + b"]}}",
    ),
    "branches below a long name": property_of(
        b'{"$ref":"#/$defs/' + b"a" * MB + b'","default":0}',
        b"{" + long(MB + 2) + b":{" + branches(b'{"type":"null"}', 700) + b"}}",
    ),
    "descriptions with many keywords": output(
        b'{"type":"object","allOf":'
        + many(b'{"description":"{' + b"minimum: x, " * 160 + b'minimum: x}"}', 5 * MB)
        + b"}"
    ),
}


_MESSAGE = b'{"role":"user","content":"a, [b] and {c}"}'
MANY_MESSAGES = (
    b'{"model":"claude-opus-5-5","max_tokens":9,"messages":'
    + many(_MESSAGE, 100_000 * (len(_MESSAGE) + 1))
    + b"}"
)


def answer(sent: bytes, path: str = "v1/messages", key: str = "") -> Plan:
    """The plan for a body. Raises Refusal."""
    target = ENDPOINT.target("POST", path)
    return ENDPOINT.answer(target, HEADERS, sent, lambda asked: 1, key=key)[0]


@dataclass(frozen=True)
class Site:
    """A site with 4 GB of address space."""

    url: str
    pid: int

    def post(self, sent: bytes) -> tuple[int, bytes]:
        """The status and the answer of a request to the simulator."""
        connection = http.client.HTTPConnection(str(urlsplit(self.url).netloc), timeout=60)
        headers = {**HEADERS, "x-api-key": "any", "content-type": "application/json"}
        connection.request("POST", "/simulator/v1/messages", sent, headers)
        response = connection.getresponse()
        found = response.status, response.read()
        connection.close()
        return found


def megabytes_of(pid: int, what: str) -> float:
    """A process's memory: VmRSS, or VmHWM, its peak since `little_work` began."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) / 1000


@contextmanager
def little_work(pid: int, seconds: float, megabytes: float) -> Iterator[None]:
    """Fails if the process needs more CPU, or more memory at its peak."""
    # What earlier tests left in memory is not this work: the collector would go through all of it.
    gc.collect()
    gc.freeze()
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        memory, start = megabytes_of(pid, "VmRSS"), cpu_seconds(pid)
        yield
        # Unlike time, it is the same on a busy machine.
        assert cpu_seconds(pid) - start < seconds
        assert megabytes_of(pid, "VmHWM") - memory < megabytes
    finally:
        gc.unfreeze()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running() as server:
        resource.prlimit(server.pid, resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))
        yield Site(server.url, server.pid)


# Sent over HTTP.
SENT = ("wrong blocks", "a wide object", "deep arrays", "branches with one default", "a default")


@pytest.mark.parametrize("shape", first_of(SENT, "wrong blocks"))
def test_the_site_checks_the_largest_body_with_little_work(site: Site, shape: str) -> None:
    sent = (SHAPES | SCHEMAS)[shape](31 * MB)
    assert len(sent) <= LARGEST
    with little_work(site.pid, 2, 300):
        status, text = site.post(sent)
    assert status == 200 or 400 <= status < 500, text[:500]
    assert len(text) < 10_000


@pytest.mark.parametrize("shape", first_of(SHAPES | SCHEMAS, "deep arrays", "branches"))
def test_the_largest_body_of_any_shape_is_checked_with_little_work(shape: str) -> None:
    # Generous: without limits they took 20 s and more, and gigabytes.
    assert_is_checked((SHAPES | SCHEMAS)[shape](31 * MB), 1, 150)


@pytest.mark.parametrize("size", [300_000, pytest.param(10_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("shape", [*SHAPES, *SCHEMAS])
def test_a_smaller_body_of_that_shape_is_checked_with_little_work(shape: str, size: int) -> None:
    # Without limits the slowest took 6 s per MB.
    assert_is_checked((SHAPES | SCHEMAS)[shape](size), 0.5, 100)


def assert_is_checked(sent: bytes, seconds: float, megabytes: float) -> None:
    """Answered or refused, shortly and with at most this work. What cannot be made for a schema is
    left out of the answer."""
    with little_work(os.getpid(), seconds, megabytes):
        try:
            plan = answer(sent)
        except Refusal as refusal:
            assert len(refusal.message) <= 2000
        else:
            assert sum(len(frame.data) for frame in plan.frames) < 500_000


@pytest.mark.parametrize("shape", VALIDATED)
def test_a_value_that_is_long_to_validate_is_sent_with_little_work(shape: str) -> None:
    # Without limits the first took minutes, and the others some seconds or gigabytes.
    with little_work(os.getpid(), 0.5, 100):
        assert answer(VALIDATED[shape]).status == 200


@pytest.mark.parametrize(
    ("when", "sent"),
    [
        ({"text": "b" * 900 + "c"}, body(b'"' + b"b" * (31 * MB) + b'"')),
        ({"turn": 99}, MANY_MESSAGES),
    ],
    ids=["a long text", "many messages"],
)
def test_many_answers_for_some_requests_are_looked_through_with_little_work(
    when: dict[str, object], sent: bytes
) -> None:
    answers = [{"text": "a", "when": when}] * 100
    ENDPOINT.put_answers("many", json.dumps({"answers": answers}).encode())
    # A search for each answer took 5 s.
    with little_work(os.getpid(), 1, 250):
        assert answer(sent, key="many").status == 200


@pytest.mark.parametrize("shape", LISTS)
def test_live_mode_checks_such_bodies_with_little_work(shape: str) -> None:
    with little_work(os.getpid(), 0.5, 100), pytest.raises(Refusal) as caught:
        parse(LISTS[shape](300_000), LIVE, LIBRARY.models)
    assert len(caught.value.message) <= 2000


@pytest.mark.parametrize("unit", first_of(["a", ",", '\\"'], ","))
def test_a_long_text_is_no_structure_and_is_answered(unit: str) -> None:
    sent = body(b'"' + unit.encode() * (31 * MB // len(unit)) + b'"')
    with little_work(os.getpid(), 2, 250):
        assert answer(sent).status == 200


def test_as_many_messages_as_the_api_takes_are_taken() -> None:
    assert answer(MANY_MESSAGES).status == 200


def test_a_long_request_has_tokens_in_proportion() -> None:
    def tokens(number: int) -> int:
        text = b'"' + b"Words of a conversation. " * number + b'"'
        plan = ENDPOINT.count_tokens(HEADERS, body(text))
        return int(json.loads(plan.frames[0].data)["input_tokens"])

    assert tokens(1_000_000) == pytest.approx(1000 * tokens(1000), rel=0.05)


@pytest.mark.parametrize("name", ["", "a" * 129, "with.dots", "with spaces", "ü"])
def test_a_tool_is_called_as_the_api_lets_it(name: str) -> None:
    with pytest.raises(Refusal, match=r"tools\.0\.name: String should match pattern"):
        answer(tool(b'{"type":"object"}', name.encode()))
    assert answer(tool(b'{"type":"object"}', b"mcp__a-B_9" + b"a" * 118)).status == 200


def test_an_exhausted_schema_is_no_reason_to_try_its_other_branches() -> None:
    def made(schema: bytes) -> object:
        content = json.loads(answer(property_of(schema)).frames[0].data)["content"]
        return next(block["input"] for block in content if block["type"] == "tool_use")

    large = b'{"default":' + long(60_000) + b"}"
    assert made(b"{" + branches(large, 1)[:-1] + b',{"type":"integer"}]}') == {}
    # What only does not fit is.
    assert made(b'{"anyOf":[{"pattern":"(?=a)b"},{"type":"integer"}]}') == {"x": 1}


@pytest.mark.parametrize("scenario", LIBRARY.scenarios)
def test_a_drip_has_a_bounded_number_of_pieces_and_every_byte(scenario: str) -> None:
    sent = body(beside=b',"stream":true').replace(b"claude-opus-5-5", b"claude-opus-4-8")
    dripped = answer(sent, f"{scenario}/many-pings+drip;byte=1/v1/messages")
    plain = answer(sent, f"{scenario}/many-pings/v1/messages")
    # Every event ends a piece.
    assert len(dripped.frames) <= 20_000 + len(plain.frames)
    size = sum(len(frame.data) for frame in plain.frames)
    assert sum(len(frame.data) for frame in dripped.frames) == size
