"""The simulator's faults, and the measured outcomes of clients, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from streamguide.guide.context import OutputFormat
from streamguide.guide.markup import plain, strip_block, table
from streamguide.simulator.faults import BY_MOMENT, Fault, page_address
from streamguide.simulator.faults.parameters import Parameter
from streamguide.simulator.outcomes import CLIENTS, Outcome, Outcomes

# `create()` stands for `create(stream=True)` and `create({ stream: true })`.
SHORT = {name: re.sub(r"create\(.*\)", "create()", title) for name, title in CLIENTS.items()}
# Names of groups of clients, the largest first.
_GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("all", frozenset(CLIENTS)),
    ("both SDKs", frozenset(CLIENTS) - {"curl"}),
    ("Python", frozenset(name for name in CLIENTS if name.startswith("python"))),
    ("JavaScript", frozenset(name for name in CLIENTS if name.startswith("javascript"))),
    ("Python `stream()`", frozenset({"python-stream", "python-async-stream"})),
    ("Python `create()`", frozenset({"python-create", "python-async-create"})),
    *((title, frozenset({name})) for name, title in SHORT.items()),
)
_SYNCHRONOUS = {"python-async-stream": "python-stream", "python-async-create": "python-create"}
_PACKAGES = {
    "python-stream": "anthropic",
    "javascript-stream": "@anthropic-ai/sdk",
    "curl": "curl",
}
_RUNTIMES = {"python": "Python", "node": "Node.js"}


def fault_sections(outcomes: Outcomes, output: OutputFormat = "markdown") -> str:
    """The faults by moment, each under a heading of level 3, with its parameters and measured
    outcomes.

    In HTML each has the strip of what it makes of its scenario.
    """
    measured = newest(outcomes)
    parts = []
    for title, faults in BY_MOMENT.items():
        parts += [f"## {title}", *(_section(fault, measured, output) for fault in faults)]
    return "\n\n".join(parts)


def outcome_table(outcomes: Outcomes) -> str:
    """An overview: a column for each client, a row for each measured fault, by moment.

    A fault's variants have rows only if their outcomes differ, and asynchronous clients have columns
    only if their outcomes differ from those of the synchronous ones.
    """
    outcomes = newest(outcomes)
    columns = [name for name in CLIENTS if not _as_synchronous(name, outcomes)]
    head = ("Fault", *(SHORT[name] for name in columns))
    rows: dict[tuple[str, ...], tuple[str, ...]] = {}
    by_moment = [fault.name for group in BY_MOMENT.values() for fault in group]
    for fault in sorted(outcomes.faults, key=lambda text: by_moment.index(_name(text))):
        verdicts = tuple(_verdict(outcomes, fault, name) for name in columns)
        name = _name(fault)
        rows.setdefault((name, *verdicts), (f"[`{fault}`](#fault-{name})", *verdicts))
    left_out = len(columns) == len(CLIENTS) - len(_SYNCHRONOUS)
    alike = " Asynchronous Python does the same everywhere." if left_out else ""
    return f"{measured_with(outcomes)}{alike}\n\n{table(head, rows.values())}"


def measured_with(outcomes: Outcomes) -> str:
    """A sentence with the day of the measurement, and the versions."""
    runs = {run.client: run for run in newest(outcomes).runs}
    parts = [
        f"{package} {runs[client].version} {runtime_in_words(runs[client].runtime)}"
        for client, package in _PACKAGES.items()
        if client in runs
    ]
    return f"Measured on {outcomes.measured}: {', '.join(parts)}."


def newest(outcomes: Outcomes) -> Outcomes:
    """The outcomes with one run per client: the first, which is that of its newest runtime."""
    first = {run.client: run for run in reversed(outcomes.runs)}
    return replace(outcomes, runs=tuple(run for run in outcomes.runs if first[run.client] is run))


def runtime_in_words(name: str) -> str:
    """A client's runtime in words, from `python3.11`, `node20` or `curl7 jq-1.6`."""
    if name.startswith("curl"):
        return f"and {name.partition(' ')[2].replace('-', ' ')}"
    return "on " + re.sub(r"^(\D+)", lambda match: _RUNTIMES.get(match[1], match[1]) + " ", name)


def _section(fault: Fault, outcomes: Outcomes, output: OutputFormat) -> str:
    meet_it = f"[Meet it]({page_address(fault.name)})"
    parts = [
        f"### `{fault.name}` {{#fault-{fault.name}}}",
        *([strip_block(f"{fault.scenario}/{fault.name}")] if output == "html" else []),
        f"**{plain(fault.title)}.** {fault.help} {meet_it}",
        f"**Your program should** {fault.should} [What to do]({fault.remedy})",
        f"Seen in practice\n:   {fault.seen}",
    ]
    # The page explains the schedule, which every fault takes, once.
    shown = [*fault.own_parameters, *(one for one in fault.schedule if one.default is not None)]
    if shown:
        rows = [(f"`{one.name}`", _takes(one), one.help) for one in shown]
        parts.append(table(("Parameter", "Takes", "Meaning"), rows))
    met = list(_outcome_rows(outcomes.of(fault.name), outcomes.characters))
    if met:
        head = ("In the path", "Client", "What it raises", "Requests", "Characters kept")
        parts.append(table(head, met))
    return "\n\n".join(parts)


def _takes(parameter: Parameter) -> str:
    if parameter.choices:
        kind = ", ".join(f"`{choice}`" for choice in parameter.choices)
    else:
        what = "a whole number" if parameter.whole else "a number"
        kind = f"{what} from {parameter.low:,g} to {parameter.high:,.0f}"
    if parameter.default is None:
        return kind
    default = parameter.default
    return f"{kind}; `{default if isinstance(default, str) else f'{default:g}'}` if not given"


def _outcome_rows(found: Iterable[Outcome], characters: int) -> Iterator[tuple[str, ...]]:
    """A row for each variant and each group of clients with the same outcome."""
    grouped: dict[str, dict[tuple[str, ...], set[str]]] = {}
    for one in found:
        cells = (_raised(one), str(one.requests), _text(one, characters))
        grouped.setdefault(one.fault, {}).setdefault(cells, set()).add(one.client)
    for fault, groups in grouped.items():
        for same, clients in groups.items():
            yield f"`{fault}`", together(clients), *same


def together(clients: Set[str], measured: Set[str] = CLIENTS.keys()) -> str:
    """The shortest name for a group of the clients that were measured."""
    names, left = [], set(clients)
    for title, group in _GROUPS:
        if (found := group & measured) and found <= left:
            names.append(title)
            left -= found
    return ", ".join(names)


def _raised(one: Outcome) -> str:
    if one.time == "hang":
        return "**nothing, still waits**"
    if one.raised is None:
        return "nothing" if one.noticed is None else "**nothing**"
    # The SDKs' own classes have the same names in both languages.
    text = f"`{one.raised.removeprefix('anthropic.')}`"
    said = [str(one.status or ""), f"`{one.type}`" if one.type else ""]
    if one.cause:
        said.append(f"cause `{one.cause}`")
    told = ", ".join(filter(None, said))
    return f"{text}: {told}" if told else text


def _text(one: Outcome, characters: int) -> str:
    if one.complete:
        return "all"
    return f"{one.text_kept} of {characters}" if one.text_kept else "none"


def _name(fault: str) -> str:
    return fault.partition(";")[0]


def _verdict(outcomes: Outcomes, fault: str, client: str) -> str:
    """The outcome as a mark and a word or two: the renderer gives each mark its colour."""
    found = (one for one in outcomes.of(fault) if (one.fault, one.client) == (fault, client))
    one = next(found, None)
    if one is None:
        return ""
    if one.time == "hang":
        return "**… waits on**"
    if one.noticed is None:
        return "● whole" if one.requests == 1 else f"● whole, {one.requests} requests"
    if not one.noticed:
        return "**✕ unnoticed**"
    return "▲ error" if one.requests == 1 else f"▲ error, {one.requests} requests"


def _as_synchronous(client: str, outcomes: Outcomes) -> bool:
    """Whether the client is asynchronous, with the same outcomes as its synchronous twin."""
    other = _SYNCHRONOUS.get(client)
    return other is not None and all(
        _verdict(outcomes, fault, client) == _verdict(outcomes, fault, other)
        for fault in outcomes.faults
    )
