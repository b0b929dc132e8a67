"""What the requests of a key show about its client."""

from __future__ import annotations

from typing import Any

import pytest

from streamguide.protocol.refusal import Refusal
from streamguide.scenarios.answer import make_answer
from streamguide.simulator.faults import apply_all, read
from streamguide.simulator.journal import Entry, How, Journal
from streamguide.simulator.plan import Plan, json_plan, refusal_plan, stream_plan
from streamguide.simulator.verdicts import Verdict, observe, verdicts_on
from tests.simulator.requests import LIBRARY

HELLO = make_answer(LIBRARY.scenarios["hello"])
SPEND = {"error_code": "enforced_spend_limit_reached"}


def faulty(fault: str) -> Plan:
    return apply_all(stream_plan(HELLO), read(fault), HELLO, LIBRARY.table)


def refused(status: int, details: Any = None, **headers: str) -> Plan:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return refusal_plan(Refusal(status, "an_error", "No.", details=details, headers=sent), "req")


class Client:
    """A client of the simulator, on a clock of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.journal = Journal(lambda: self.now, lambda: 0)
        self.number = 0
        self.headers: dict[str, str] = {}

    def asks(self, plan: Plan, question: str = "Hi", ended: How | None = None) -> Entry:
        """Ask, and stay to the end, or until a fault or the client itself ends it."""
        path, body = "/simulator/v1/messages", question.encode()
        entry = self.journal.arrive("key", "POST", path, self.headers, body, keep_body=True)
        self.number += 1
        entry.status, entry.request_id = plan.status, f"req_{self.number}"
        observe(entry, plan, LIBRARY.table.never_retried)
        start = self.now
        for frame in plan.frames:
            self.now = start + frame.at / 1000
            if frame.data:
                entry.sent(frame)
        entry.end(ended or ("cut" if plan.is_cut else "complete"))
        return entry

    def waits(self, seconds: float) -> None:
        self.now += seconds

    def verdict(self, rule: str, silence: float = 60) -> Verdict:
        found = verdicts_on(self.journal.requests("key"), silence)
        return next(one for one in found if one.rule == rule)

    def result(self, rule: str, silence: float = 60) -> str:
        return self.verdict(rule, silence).result


@pytest.fixture
def client() -> Client:
    return Client()


def test_without_a_request_no_rule_is_put_to_the_test(client: Client) -> None:
    assert {one.result for one in verdicts_on([])} == {"not met"}


def test_a_whole_answer_fails_no_rule(client: Client) -> None:
    client.asks(stream_plan(HELLO))
    client.asks(json_plan(HELLO, LIBRARY.table))
    assert {one.result for one in verdicts_on(client.journal.requests("key"))} == {"not met"}


@pytest.mark.parametrize(("waited", "result"), [(2, "passed"), (1.97, "passed"), (1.5, "failed")])
def test_retry_after_is_to_be_obeyed(client: Client, waited: float, result: str) -> None:
    client.asks(refused(429, retry_after="2"))
    client.waits(waited)
    client.asks(stream_plan(HELLO))
    verdict = client.verdict("retry-after")
    assert verdict.result == result
    assert verdict.words == f"Asked to wait 2 s, it waited {waited:.2f} s."
    assert verdict.requests == ("req_1", "req_2")


def test_another_question_is_no_other_try(client: Client) -> None:
    client.asks(refused(429, retry_after="2"))
    client.asks(stream_plan(HELLO), "Something else")
    assert client.result("retry-after") == "not met"
    client.asks(refused(400))
    client.waits(70)
    client.asks(refused(400))
    assert client.result("not-retried") == "passed"


@pytest.mark.parametrize(
    ("plan", "again"),
    [
        (refused(400), "failed"),
        (refused(413), "failed"),
        (refused(429, SPEND), "failed"),
        (refused(529, x_should_retry="false"), "failed"),
        (refused(400, x_should_retry="true"), "not met"),
        (refused(409), "not met"),
        (refused(529), "not met"),
    ],
)
def test_what_cannot_succeed_is_not_to_be_asked_again(
    client: Client, plan: Plan, again: str
) -> None:
    client.asks(plan)
    assert client.result("not-retried") == ("passed" if again == "failed" else "not met")
    client.waits(0.5)
    client.asks(stream_plan(HELLO))
    assert client.result("not-retried") == again


@pytest.mark.parametrize(
    ("waits", "result"),
    [
        ([0.4, 0.8, 1.6], "passed"),
        ([0.5, 0.1, 0.9], "passed"),
        ([1, 1, 1.1], "failed"),
        ([4, 2, 1], "failed"),
        ([0.4, 0.4], "not met"),
    ],
)
def test_waits_are_to_grow(client: Client, waits: list[float], result: str) -> None:
    for wait in waits:
        client.asks(refused(529))
        client.waits(wait)
    client.asks(stream_plan(HELLO))
    assert client.result("back-off") == result


def test_a_storm_is_told_with_its_requests(client: Client) -> None:
    for _ in range(11):
        client.asks(refused(529))
        client.waits(0.1)
    verdict = client.verdict("storm")
    assert (verdict.result, verdict.words) == ("failed", "11 tries failed within 1.0 s.")
    assert len(verdict.requests) == 11


def test_some_tries_are_no_storm(client: Client) -> None:
    for _ in range(3):
        client.asks(refused(529))
        client.waits(0.1)
    assert client.result("storm") == "passed"


@pytest.mark.parametrize("fault", ["drop", "error-event", "end-early", "drip+drop"])
def test_a_stream_with_text_is_not_to_be_asked_again(client: Client, fault: str) -> None:
    client.asks(faulty(fault))
    assert client.result("shown-once") == "passed"
    client.asks(stream_plan(HELLO), "The rest, please")
    assert client.result("shown-once") == "passed"
    client.asks(faulty(fault))
    client.asks(faulty(fault))
    assert client.result("shown-once") == "failed"


def test_a_stream_that_broke_before_its_text_may_be(client: Client) -> None:
    client.asks(faulty("drop;at=3"))
    client.asks(stream_plan(HELLO))
    assert client.result("shown-once") == "not met"


def test_a_visitors_clicks_on_the_page_are_not_judged(client: Client) -> None:
    client.headers = {"sec-fetch-site": "same-origin"}
    client.asks(faulty("drop"))
    client.asks(faulty("drop"))
    assert client.result("shown-once") == "not met"


@pytest.mark.parametrize(("stayed", "silence", "result"), [(61, 60, "failed"), (61, 90, "passed")])
def test_a_silent_stream_is_to_be_left(
    client: Client, stayed: float, silence: float, result: str
) -> None:
    plan = stream_plan(HELLO)
    entry = client.asks(Plan(plan.frames[:5]), ended=None)
    entry.ended = None
    client.waits(stayed)
    entry.end("left")
    assert client.result("silence", silence) == result


def test_a_client_that_stays_through_a_short_silence_is_not_judged(client: Client) -> None:
    client.asks(faulty("stall;seconds=20"))
    assert client.result("silence") == "not met"


@pytest.mark.parametrize(
    ("plan", "is_whole"),
    [
        (stream_plan(HELLO), True),
        (json_plan(HELLO, LIBRARY.table), True),
        (faulty("drip"), True),
        (faulty("drop"), False),
        (faulty("end-early"), False),
        (faulty("error-event"), False),
        (faulty("empty-body"), False),
        (faulty("not-sse;how=html"), False),
        (refused(529), False),
        (faulty("garble"), None),
    ],
)
@pytest.mark.parametrize("claimed", [True, False])
def test_what_a_client_says_of_an_answer_is_to_be_true(
    client: Client, plan: Plan, is_whole: bool | None, claimed: bool
) -> None:
    entry = client.asks(plan)
    assert client.result("complete") == "not met"
    entry.evidence.claimed = claimed
    expected = "not met" if is_whole is None else "passed" if claimed is is_whole else "failed"
    assert client.result("complete") == expected
