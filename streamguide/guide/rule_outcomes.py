"""What clients were measured to do where a rule is broken: on a recording of the corpus, and on a
fault whose bytes break it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streamguide.guide.conformance import Conformance
from streamguide.guide.faults import newest, together
from streamguide.inspection import Inspector
from streamguide.protocol.table import Table
from streamguide.recordings import CorpusRecording
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import Scenario
from streamguide.simulator import faults
from streamguide.simulator.outcomes import Outcome, Outcomes
from streamguide.simulator.plan import Plan, stream_plan

# The inspector names it beside the rules: no byte shows it.
SILENCE = "silence"
_SILENT = "stall"
_COMPLAINTS = {
    "claim": "no error",
    "error": "an error, though the message is complete",
    "text": "other text",
    "time": "still waits",
    "requests": "another request",
    "unasked": "no request",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What clients do on one recording or fault, whose name is `on` and whose address is `href`:
    names of clients, and what these do."""

    on: str
    href: str
    clients: tuple[tuple[str, str], ...]


def seen_by_rule(
    recordings: Mapping[str, CorpusRecording],
    conformance: Conformance,
    outcomes: Outcomes,
    table: Table,
    scenarios: Mapping[str, Scenario],
) -> dict[str, list[Seen]]:
    """By rule, what was measured: at most one recording and one fault. What was not is left out."""
    found: dict[str, list[Seen]] = {}
    for rule in dict.fromkeys(rule for one in recordings.values() for rule in one.expected.rules):
        if recorded := _recorded(rule, recordings.values(), conformance):
            found[rule] = [recorded]
    measured = newest(outcomes)
    broken = {
        fault: _broken_by(fault, table, scenarios) for fault in measured.faults if fault != "none"
    }
    broken[_SILENT] = frozenset({SILENCE}), ()
    for rule in dict.fromkeys(rule for rules, _ in broken.values() for rule in rules):
        # The simplest fault shows a rule best.
        of_rule = [fault for fault, (rules, _) in broken.items() if rule in rules]
        fault = min(of_rule, key=lambda one: (*broken[one][1][:2], ";" in one, *broken[one][1][2:]))
        found.setdefault(rule, []).append(_on_fault(fault, measured))
    return found


def _recorded(
    rule: str, recordings: Iterable[CorpusRecording], conformance: Conformance
) -> Seen | None:
    """The recording about a rule on which most clients fail."""
    about = [one for one in recordings if rule in one.expected.rules]
    own = [one for one in about if one.expected.rules[0] == rule] or about

    def failed(recording: CorpusRecording) -> int:
        return sum(bool(one.complaints.get(recording.name)) for one in conformance.clients)

    # Of one that may be called complete or not, it is not known what those do that pass.
    known = [one for one in own if "complete" not in one.expected.may_differ]
    if not known:
        return None
    shown = max(known, key=failed)
    does = {
        one.client: " and ".join(_COMPLAINTS[told.kind] for told in one.complaints[shown.name])
        or ("the whole answer" if shown.expected.complete else "an error")
        for one in conformance.clients
        if shown.name in one.complaints
    }
    return Seen(f"the recording {shown.name}", f"/guide/corpus#corpus-{shown.name}", _grouped(does))


def _on_fault(fault: str, outcomes: Outcomes) -> Seen:
    does = {one.client: _does(one) for one in outcomes.of(fault) if one.fault == fault}
    name = fault.partition(";")[0]
    return Seen(f"the fault {fault}", f"/guide/faults#fault-{name}", _grouped(does))


def _grouped(does: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Clients that do the same, under one name."""
    words = dict.fromkeys(does.values())
    groups = ({client for client, told in does.items() if told == one} for one in words)
    return tuple(zip((together(one, does.keys()) for one in groups), words, strict=True))


def _does(one: Outcome) -> str:
    if one.time == "hang":
        return "still waits"
    if one.raised is None:
        return "the whole answer" if one.noticed is None else "no error"
    limit = ", at a time limit of its own" if one.time == "limit" else ""
    return f"`{one.raised.removeprefix('anthropic.')}`{limit}"


def _broken_by(
    fault: str, table: Table, scenarios: Mapping[str, Scenario]
) -> tuple[frozenset[str], tuple[Any, ...]]:
    """The rules that a fault breaks, and a key that sorts simple faults first: those that break no
    other rule, whose response has an end of its own, and that leave most of it."""
    chosen = faults.read(fault)
    answer = make_answer(scenarios[chosen[0].fault.scenario])
    plan = faults.apply_all(stream_plan(answer), chosen, answer, table, takes_gzip=True)
    rules = frozenset(_rules_of(plan))
    has_end = plan.end == "whole" and plan.framing == "chunked"
    return rules, (len(rules), not has_end, -len(plan.frames))


def _rules_of(plan: Plan) -> Iterator[str]:
    if plan.status >= 300:
        yield "http-error"
        return
    inspector = Inspector()
    for frame in plan.frames:
        inspector.feed(frame.data)
    yield from (one.rule for one in inspector.end().findings)
