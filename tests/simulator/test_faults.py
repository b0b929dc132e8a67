"""The faults: what each makes of a plan."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguide.models import tokens_of
from streamguide.scenarios.answer import Answer, make_answer
from streamguide.simulator.faults import FAULTS, FaultError, apply_all, page_address, read
from streamguide.simulator.faults.registry import active_faults
from streamguide.simulator.plan import Plan, json_plan, stream_plan
from tests.simulator.requests import LIBRARY

ANSWERS = {name: make_answer(scenario) for name, scenario in LIBRARY.scenarios.items()}
HELLO = ANSWERS["hello"]
SCHEDULE = "times=…, only=…, from=…, rate=…, seed=…, rpm=…, tpm=…"
MIDDLE = len(stream_plan(HELLO).frames) // 2


def faulty(fault: str, answer: Answer = HELLO, *, takes_gzip: bool = True) -> Plan:
    plan = stream_plan(answer)
    return apply_all(plan, read(fault), answer, LIBRARY.table, takes_gzip=takes_gzip)


def body(plan: Plan) -> bytes:
    return b"".join(frame.data for frame in plan.frames)


def names(plan: Plan) -> list[str]:
    return [line[7:] for line in body(plan).decode().split("\n") if line.startswith("event: ")]


WHOLE = body(stream_plan(HELLO))
NAMES = names(stream_plan(HELLO))
TIMES = [frame.at for frame in stream_plan(HELLO).frames]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", LIBRARY.scenarios)
def test_every_fault_works_by_default_with_every_scenario(name: str, fault: str) -> None:
    plan = faulty(fault, ANSWERS[name])
    times = [frame.at for frame in plan.frames]
    assert times == sorted(times)
    refused = {"status": 529, "status-then-ok": 529, "prefix-check": 400, "proxy-error": 502}
    assert plan.status == refused.get(fault, 200)
    whole = stream_plan(ANSWERS[name])
    needed = {
        "no-block-start": b"content_block_start",
        "broken-tool-call": b'"content_block":{"type":"tool_use"',
    }
    if fault != "none" and needed.get(fault, b"") in body(whole):
        assert plan != whole


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_an_answer_without_stream_passes_the_faults_of_streams(fault: Any) -> None:
    plan = json_plan(HELLO, LIBRARY.table)
    (chosen,) = read(fault.name)
    changed = chosen.apply(plan, HELLO, LIBRARY.table)
    if fault.in_stream:
        assert changed == plan


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_every_fault_says_what_it_is(fault: Any) -> None:
    assert fault.title and fault.seen.endswith(".")
    assert fault.help.endswith(".")
    for parameter in fault.parameters:
        assert parameter.help.endswith(".")
        if parameter.default is not None:
            assert parameter.read(str(parameter.default)) == parameter.default


def test_a_prefix_check_refuses_in_the_words_of_the_api() -> None:
    error = json.loads(body(faulty("prefix-check")))["error"]
    assert error == {
        "type": "invalid_request_error",
        "message": (
            "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound "
            "to a different conversation. Remove the block, or set "
            '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
        ),
    }


@given(
    chosen=st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=4, unique=True),
    name=st.sampled_from(sorted(LIBRARY.scenarios)),
)
def test_faults_can_be_joined_in_any_order(chosen: list[str], name: str) -> None:
    answer = ANSWERS[name]
    assert faulty("+".join(chosen), answer) == faulty("+".join(reversed(chosen)), answer)


# Reading them


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "No fault is called 'nothing'. There are: none, status, "),
        ("", "No fault is called ''."),
        ("drop;at=x", "drop: at is 'x'; it takes a whole number from 1 to 100000"),
        ("drop;at=1.5", "drop: at is '1.5'; it takes a whole number"),
        ("drop;at=nan", "drop: at is 'nan'; it takes a whole number"),
        ("drop;at", "drop: 'at' is no parameter of it; it takes at=…, byte=…, how=…, " + SCHEDULE),
        ("none;at=1", "none: 'at=1' is no parameter of it; it takes " + SCHEDULE),
        ("drop;how=slowly", "drop: how is 'slowly'; it takes close, reset"),
        ("slow;factor=101", "slow: factor is '101'; it takes a number from 0 to 100"),
        ("status;code=200", "status: code is '200'; it takes 400, 401"),
        ("drop;at=1_0", "drop: at is '1_0'; it takes a whole number"),
        ("drop;at=0001000000", "drop: at is '0001000000'; it takes a whole number"),
        (f"drop;at={'1' * 90}", "drop: at is '1111"),
        ("drop;at=2;at=3", "drop: at is given twice"),
        ("slow+slow", "A fault is joined to itself; name each one once"),
        ("none+none+none+none+none", "5 faults at once; at most 4 can be joined"),
    ],
)
def test_a_wrong_fault_is_refused_with_what_there_is(text: str, message: str) -> None:
    with pytest.raises(FaultError) as caught:
        read(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("zeros", ["0", "0" * 9, "0" * 90])
def test_a_number_is_the_same_with_zeros_before_it(zeros: str) -> None:
    assert read(f"drop;at={zeros}7") == read("drop;at=7")
    assert read(f"slow;factor={zeros}1.5") == read("slow;factor=1.5")


@given(text=st.text(max_size=40))
def test_whatever_is_asked_for_it_is_read_or_refused(text: str) -> None:
    try:
        assert read(text)
    except FaultError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("schedule", "met"),
    [
        ("times=2", [1, 2]),
        ("only=3", [3]),
        ("from=4", [4, 5, 6]),
        ("from=2;times=3", [2, 3, 4]),
        ("only=5;times=2", [5]),
        ("rate=0", []),
        ("rate=1;from=5", [5, 6]),
    ],
)
def test_a_schedule_says_which_requests_meet_a_fault(schedule: str, met: list[int]) -> None:
    assert requests_that_meet(f"drop;{schedule}", 6) == met


def is_met(fault: str, number: int) -> bool:
    return active_faults(read(fault), lambda: number) != ()


def requests_that_meet(fault: str, most: int) -> list[int]:
    return [number for number in range(1, most + 1) if is_met(fault, number)]


def test_a_rate_draws_about_that_share_and_the_same_for_a_seed() -> None:
    drawn = requests_that_meet("drop;rate=0.1;seed=7", 2000)
    assert 150 < len(drawn) < 250
    assert drawn == requests_that_meet("drop;rate=0.1;seed=7", 2000)
    assert drawn != requests_that_meet("drop;rate=0.1;seed=8", 2000)
    assert drawn != requests_that_meet("stall;rate=0.1;seed=7", 2000)


def test_each_of_joined_faults_has_its_own_schedule() -> None:
    chosen = read("slow;factor=0+drop;times=2")
    assert [one.fault.name for one in active_faults(chosen, lambda: 2)] == ["slow", "drop"]
    assert [one.fault.name for one in active_faults(chosen, lambda: 3)] == ["slow"]


def test_what_is_not_counted_asks_for_no_number() -> None:
    assert len(active_faults(read("drop"), lambda: pytest.fail("asked"))) == 1


# Before the stream


def error(plan: Plan) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body(plan))
    return found


@pytest.mark.parametrize("type_", LIBRARY.table.errors.values(), ids=lambda entry: entry.name)
def test_status_gives_the_type_that_belongs_to_it(type_: Any) -> None:
    plan = faulty(f"status;code={type_.status}")
    assert plan.status == type_.status
    assert error(plan)["error"] == {"type": type_.name, "message": type_.message}
    assert error(plan)["request_id"] == HELLO.request_id


def test_a_408_comes_from_something_in_between() -> None:
    plan = faulty("status;code=408")
    assert (plan.status, body(plan)) == (408, b"Request Timeout\n")


def test_a_429_says_when_to_come_again_unless_money_is_what_is_missing() -> None:
    assert faulty("status;code=429").headers["retry-after"] == "1"
    assert faulty("status;code=429;retry-after=0.5").headers["retry-after"] == "0.5"
    spent = faulty("status;code=429;error_code=enforced_spend_limit_reached")
    assert "retry-after" not in spent.headers
    assert error(spent)["error"]["details"] == {"error_code": "enforced_spend_limit_reached"}
    assert "retry-after" not in faulty("status").headers
    assert faulty("status;x-should-retry=false").headers["x-should-retry"] == "false"


def test_no_response_has_no_frame_and_no_end() -> None:
    assert (faulty("no-response").frames, faulty("no-response").end) == ((), "drop")
    assert faulty("no-response;how=reset").end == "reset"


def test_not_sse_is_the_message_as_json_or_a_page() -> None:
    assert faulty("not-sse").headers["content-type"] == "application/json"
    assert error(faulty("not-sse"))["stop_reason"] == "end_turn"
    assert body(faulty("not-sse;how=html")).startswith(b"<!doctype html>")


# Time


def test_slow_multiplies_all_times() -> None:
    assert [frame.at for frame in faulty("slow;factor=2").frames] == [2 * at for at in TIMES]
    assert {frame.at for frame in faulty("slow;factor=0").frames} == {0}
    assert body(faulty("slow")) == WHOLE


def test_slow_headers_and_first_token_move_what_follows() -> None:
    assert [f.at for f in faulty("slow-headers;seconds=2").frames] == [2000 + at for at in TIMES]
    first = NAMES.index("content_block_delta")
    moved = [frame.at for frame in faulty("slow-first-token;seconds=2").frames]
    assert moved[:first] == TIMES[:first]
    assert moved[first:] == [2000 + at for at in TIMES[first:]]


def test_a_pace_begins_at_the_time_of_the_first_token() -> None:
    first = NAMES.index("content_block_delta")
    times = [frame.at for frame in faulty("pace;seconds=0.1;ttft=2").frames]
    assert times[: first + 2] == [*range(0, 100 * first, 100), 2000, 2100]


def test_a_pace_in_tokens_gives_each_delta_but_the_first_the_time_of_its_tokens() -> None:
    text = str(HELLO.blocks[0].content["text"])
    delta = stream_plan(HELLO).frames[NAMES.index("content_block_delta")].data
    first = str(json.loads(delta.partition(b"data: ")[2])["delta"]["text"])
    seconds = tokens_of(text.removeprefix(first), HELLO.scenario.own_ratio) / 10
    last = faulty("pace;ttft=3;tps=10").frames[-1].at
    assert last / 1000 == pytest.approx(3 + seconds, rel=0.02)


def test_a_jitter_is_the_same_for_a_seed() -> None:
    def gaps(fault: str) -> list[int]:
        times = [frame.at for frame in faulty(fault).frames]
        return [after - before for before, after in pairwise(times)]

    drawn = gaps("pace;seconds=1;jitter=0.5;seed=3")
    assert drawn == gaps("pace;seconds=1;jitter=0.5;seed=3")
    assert drawn != gaps("pace;seconds=1;jitter=0.5;seed=4")
    assert all(500 <= gap <= 1500 for gap in drawn)
    assert max(drawn) - min(drawn) > 200


def test_a_stall_is_silent_and_goes_on() -> None:
    plan = faulty("stall;at=5;seconds=3")
    assert [frame.at for frame in plan.frames] == TIMES[:4] + [3000 + at for at in TIMES[4:]]
    assert body(plan) == WHOLE


def test_a_stall_with_pings_has_one_every_second() -> None:
    plan = faulty("stall;at=5;seconds=3;how=pings")
    pings = [frame.at for frame in plan.frames[4:7]]
    assert pings == [TIMES[4] + 1000, TIMES[4] + 2000, TIMES[4] + 3000]
    assert names(plan)[4:7] == ["ping"] * 3
    assert [frame.event for frame in plan.frames] == list(range(1, len(plan.frames) + 1))


def test_a_stall_can_end_in_a_cut() -> None:
    plan = faulty("stall;at=5;seconds=3;then=close")
    assert names(plan) == NAMES[:4]
    assert (plan.end, plan.frames[-1].at, plan.frames[-1].data) == ("drop", TIMES[4] + 3000, b"")


@given(size=st.integers(1, 400), name=st.sampled_from(["hello", "languages", "citations"]))
def test_a_drip_is_the_same_bytes_in_pieces(size: int, name: str) -> None:
    plan = faulty(f"drip;byte={size}", ANSWERS[name])
    assert body(plan) == body(stream_plan(ANSWERS[name]))
    assert all(len(frame.data) <= size for frame in plan.frames)
    events = [frame.event for frame in plan.frames if frame.event]
    assert events == list(range(1, len(stream_plan(ANSWERS[name]).frames) + 1))


# Content


@pytest.mark.parametrize("type_", LIBRARY.table.errors)
def test_an_error_event_of_any_type_takes_an_events_place_and_ends_the_stream(type_: str) -> None:
    plan = faulty(f"error-event;at=4;type={type_}")
    assert names(plan) == [*NAMES[:3], "error"]
    last = json.loads(plan.frames[-1].data.split(b"data: ")[1])
    assert last["error"]["type"] == type_
    assert last["request_id"] == HELLO.request_id


def test_an_error_event_may_be_the_first() -> None:
    assert names(faulty("error-event;at=1")) == ["error"]


def test_an_event_beyond_the_end_is_the_last() -> None:
    assert names(faulty("error-event;at=1000")) == [*NAMES[:-1], "error"]


def test_end_early_leaves_the_last_events_out_and_ends_in_good_order() -> None:
    assert names(faulty("end-early")) == NAMES[:-1]
    assert names(faulty("end-early;how=message_delta")) == NAMES[:-2]
    assert names(faulty("end-early;at=5")) == NAMES[:4]
    assert faulty("end-early").end == "whole"


def test_garble_breaks_the_json_of_one_event() -> None:
    frames = faulty("garble;at=6").frames
    for number, frame in enumerate(frames, 1):
        event, data, *rest = frame.data.split(b"\n")
        assert event.startswith(b"event: ") and rest == [b"", b""]
        if number == 6:
            with pytest.raises(json.JSONDecodeError):
                json.loads(data[6:])
        else:
            json.loads(data[6:])


def test_unknown_adds_an_event_a_delta_and_a_block() -> None:
    plan = faulty("unknown")
    assert names(plan)[:4] == [NAMES[0], "future_event", NAMES[1], "content_block_delta"]
    assert b"future_delta" in plan.frames[3].data
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert names(plan)[4:] == NAMES[2:-2] + block + NAMES[-2:]
    assert b'"index":1' in plan.frames[-3].data and b"future_block" in plan.frames[-5].data


def test_starts_are_doubled_or_missing() -> None:
    assert names(faulty("duplicate-start")) == [NAMES[0], *NAMES]
    assert names(faulty("no-start")) == NAMES[1:]
    assert names(faulty("no-block-start")) == [n for n in NAMES if n != "content_block_start"]


def test_many_pings_stand_between_all_events() -> None:
    plan = faulty("many-pings")
    assert names(plan)[::2] == NAMES
    assert set(names(plan)[1::2]) == {"ping"}


def test_the_done_marker_follows_the_end() -> None:
    assert body(faulty("done-marker")) == WHOLE + b"data: [DONE]\n\n"


# Lines, bytes and connections


def test_a_drop_cuts_before_an_event() -> None:
    plan = faulty("drop;at=5")
    assert names(plan) == NAMES[:4]
    assert plan.end == "drop"
    assert plan.frames[-1].at == TIMES[4]
    assert faulty("drop;how=reset").end == "reset"


@given(byte=st.integers(0, 400))
def test_a_drop_cuts_inside_an_event_but_never_after_it(byte: int) -> None:
    plan = faulty(f"drop;at=5;byte={byte}")
    fifth = stream_plan(HELLO).frames[4].data
    assert plan.frames[4].data == fifth[: min(byte, len(fifth) - 1)]
    assert plan.frames[4].event == 0


@pytest.mark.parametrize(
    ("fault", "framing"), [("connection-close", "close"), ("http10", "http10")]
)
def test_a_framing_plays_whole_and_breaks_where_it_is_told(fault: str, framing: str) -> None:
    assert (faulty(fault).framing, faulty(fault).end, body(faulty(fault))) == (
        framing,
        "whole",
        WHOLE,
    )
    cut = faulty(f"{fault};at=5")
    assert (cut.framing, cut.end, names(cut)) == (framing, "drop", NAMES[:4])


def test_unnamed_leaves_the_data_lines() -> None:
    lines = body(faulty("unnamed")).split(b"\n")
    assert lines == [line for line in WHOLE.split(b"\n") if not line.startswith(b"event:")]


def test_marks_and_line_ends() -> None:
    assert body(faulty("bom")) == b"\xef\xbb\xbf" + WHOLE
    assert body(faulty("crlf")) == WHOLE.replace(b"\n", b"\r\n")
    assert body(faulty("crlf;how=cr")) == WHOLE.replace(b"\n", b"\r")
    assert body(faulty("no-final-blank-line")) == WHOLE[:-1]
    assert faulty("no-response+bom+no-final-blank-line").frames == ()


def test_what_the_format_allows_changes_no_event() -> None:
    assert body(faulty("other-lines")) == WHOLE.replace(b"\n\n", b"\n\n: still here\n\n")
    assert body(faulty("other-lines;how=spacing")) == (
        WHOLE.replace(b"event: ", b"event:").replace(b"data: ", b"data:")
    )
    ids = body(faulty("other-lines;how=ids")).split(b"\n\n")
    assert [frame.split(b"\n")[0] for frame in ids[:-1]] == [
        b"id: %d" % number for number in range(1, len(NAMES) + 1)
    ]
    retry = body(faulty("other-lines;how=retry"))
    assert retry.startswith(b"retry: 3000\n\nevent: message_start\n")
    assert retry.count(b"\n\nretry: 3000\nevent: ") == len(NAMES) - 1


@pytest.mark.parametrize("name", LIBRARY.scenarios)
def test_joined_data_lines_are_the_same_event(name: str) -> None:
    whole = body(stream_plan(ANSWERS[name])).decode().split("\n\n")[:-1]
    frames = body(faulty("other-lines;how=data-lines", ANSWERS[name])).decode().split("\n\n")[:-1]
    for frame, before in zip(frames, whole, strict=True):
        named, *lines = frame.split("\n")
        data = "\n".join(line.removeprefix("data: ") for line in lines)
        assert all(line.startswith("data: ") for line in lines) and len(lines) > 2
        assert (named, json.loads(data)) == (
            before.split("\n")[0],
            json.loads(before.partition("data: ")[2]),
        )


def test_a_compressed_stream_is_held_back_to_its_end() -> None:
    plan = faulty("compressed")
    assert plan.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body(plan)) == WHOLE
    sizes = [len(frame.data) for frame in plan.frames]
    # gzip's head comes at once.
    assert sum(sizes[:-1]) == 10 and [frame.at for frame in plan.frames] == TIMES
    assert faulty("compressed", takes_gzip=False) == stream_plan(HELLO)
    with pytest.raises(EOFError):
        gzip.decompress(body(faulty("compressed+drop")))


def test_a_connection_that_stays_open_ends_later_and_sends_nothing() -> None:
    plan = faulty("stays-open;seconds=3")
    assert body(plan) == WHOLE and plan.frames[-1].at == TIMES[-1] + 3000


def test_a_proxy_refuses_with_a_page() -> None:
    for code, title in [("502", "502 Bad Gateway"), ("524", "524 A Timeout Occurred")]:
        plan = faulty(f"proxy-error;code={code}")
        assert (plan.status, plan.headers) == (
            int(code),
            {"content-type": "text/html; charset=utf-8"},
        )
        assert f"<title>{title}</title>".encode() in body(plan)


def test_the_content_filter_has_its_own_words_in_a_stream() -> None:
    event = json.loads(
        faulty("error-event;type=invalid_request_error").frames[-1].data.partition(b"data: ")[2]
    )
    assert event["error"]["message"] == "Output blocked by content filtering policy"


def call_of(fault: str) -> tuple[str, str]:
    """The name and the joined input of the first call of a client's tool."""
    events = [
        json.loads(frame.data.partition(b"data: ")[2])
        for frame in faulty(fault, ANSWERS["tool-use"]).frames
    ]
    start = next(e for e in events if e.get("content_block", {}).get("type") == "tool_use")
    deltas = (e["delta"] for e in events if e.get("index") == start["index"] and "delta" in e)
    return start["content_block"]["name"], "".join(delta["partial_json"] for delta in deltas)


def test_a_broken_tool_call_is_wrong_in_its_name_or_in_its_input() -> None:
    name, given = call_of("none")
    assert call_of("broken-tool-call") == ("tool_that_nobody_offered", given)
    other = '{"not_in_the_schema": null}'
    assert call_of("broken-tool-call;how=input") == (name, other)
    assert call_of("broken-tool-call;how=two-inputs") == (name, given + given)


def test_a_drop_after_other_lines_cuts_the_lines_as_they_are_sent() -> None:
    frames = faulty("drop;at=3;byte=2+unnamed").frames
    assert [frame.data for frame in frames[2:]] == [b"da"]
    assert faulty("drop;at=1;byte=5+bom").frames[0].data == b"\xef\xbb\xbfev"


def test_a_refusal_is_not_cut() -> None:
    assert faulty("status+drop;at=1") == faulty("status")


def test_a_silence_before_a_cut_survives_a_drip() -> None:
    plan = faulty("stall;at=3;seconds=60;then=close+drip")
    assert plan.frames[-1].at - plan.frames[-2].at > 50_000


def test_a_fault_at_the_first_event_finds_a_response_that_has_begun() -> None:
    assert faulty("drop;at=1").head_first
    assert not faulty("drop;at=2").head_first
    both = faulty("slow-headers;seconds=5+stall;at=1")
    assert (both.head_first, both.head_at) == (True, 5000)
    assert faulty("stall;at=1+drop;at=5").head_first


def test_a_drip_of_a_long_stream_has_larger_pieces() -> None:
    assert len(faulty("drip;byte=1", ANSWERS["long-prose"]).frames) <= 20_300


@pytest.mark.parametrize(
    ("chosen", "address"),
    [
        (("drop",), "scenario=hello&fault=drop"),
        (("drop;at=9+bom",), "scenario=hello&fault=drop%3Bat%3D9%2Bbom"),
        # A fault of tool calls, which only some answers have.
        (("broken-tool-call;how=input",), "scenario=tool-use&fault=broken-tool-call%3Bhow%3Dinput"),
        (("drop", "citations"), "scenario=citations&fault=drop"),
        (("", "auto"), "scenario=auto"),
    ],
)
def test_a_fault_has_an_address_on_the_page_with_a_scenario_that_shows_it(
    chosen: tuple[str, ...], address: str
) -> None:
    assert page_address(*chosen) == f"/simulator?{address}"


def test_what_is_no_fault_has_no_address() -> None:
    with pytest.raises(FaultError):
        page_address("nothing")
