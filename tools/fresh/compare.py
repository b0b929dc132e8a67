"""Compares the site's tables with the names that a release of an SDK knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime

from streamguide.models import Models
from streamguide.protocol.table import ProtocolEntry, Table

# The sections of the protocol table, by the union that both SDKs have for each; "Beta" before it is
# that of their beta interface.
UNIONS = {
    "events": "RawMessageStreamEvent",
    "deltas": "RawContentBlockDelta",
    "blocks": "ContentBlock",
    "stop_reasons": "StopReason",
}
# Not members of the SDKs' unions of events: their decoders handle them.
HANDLED_BY_THE_DECODER = {"ping", "error"}
# Cloudflare sends it, before a request reaches the API.
NOT_IN_AN_SDK = {"request_too_large"}
# Errors of memory stores, whose requests have no stream.
OF_OTHER_REQUESTS = {"memory_precondition_failed_error", "memory_path_conflict_error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """The names that a release of an SDK knows.

    `stable` and `beta` have the names of events, deltas, blocks and stop reasons by the section of
    the protocol table, `beta` those of its beta interface, which mostly repeat the stable ones.
    `models` are all ids that it lists, `ends` the ends of life that it warns about.
    """

    api_version: str
    stable: Mapping[str, AbstractSet[str]]
    beta: Mapping[str, AbstractSet[str]]
    errors: AbstractSet[str]
    models: AbstractSet[str]
    ends: Mapping[str, date]


def by_section(names: Callable[[str], set[str]], prefix: str = "") -> dict[str, set[str]]:
    """The names of each union, which `names` reads, by the section of the protocol table."""
    found = {section: names(prefix + union) for section, union in UNIONS.items()}
    found["events"] |= HANDLED_BY_THE_DECODER
    return found


def end_of_life(text: str) -> date:
    """The date in an SDK's words, such as `January 22nd, 2027`."""
    return datetime.strptime(re.sub(r"(?<=\d)(st|nd|rd|th),", ",", text), "%B %d, %Y").date()


def differences(
    section: str, found: Iterable[str], wanted: Iterable[str], stage: str = ""
) -> Iterator[str]:
    """A line for each name that a section lacks or has too much."""
    found, wanted = set(found), set(wanted)
    mark = f', stage = "{stage}"' if stage else ""
    for name in sorted(wanted - found):
        yield f'add [[{section}]] name = "{name}"{mark} to content/protocol.toml'
    for name in sorted(found - wanted):
        yield f'remove [[{section}]] name = "{name}"{mark} from content/protocol.toml: not in the SDK'


def stage_differences(
    section: str,
    found: Mapping[str, ProtocolEntry],
    stable: AbstractSet[str],
    beta: AbstractSet[str],
) -> Iterator[str]:
    """The same for a section whose entries have a stage."""
    for stage, wanted in (("ga", stable), ("beta", beta - stable)):
        ours = [name for name, entry in found.items() if entry.stage == stage]
        yield from differences(section, ours, wanted, stage)


def protocol_differences(table: Table, sdk: Sdk) -> Iterator[str]:
    """A line for each thing that has to change in content/protocol.toml."""
    if table.api_version != sdk.api_version:
        yield f'set api_version = "{sdk.api_version}" in content/protocol.toml'
    for section in UNIONS:
        found = getattr(table, section)
        yield from stage_differences(section, found, sdk.stable[section], sdk.beta[section])
    yield from differences("errors", table.errors, sdk.errors - OF_OTHER_REQUESTS | NOT_IN_AN_SDK)


def model_differences(models: Models, sdk: Sdk) -> Iterator[str]:
    """A line for each thing that has to change in content/models.toml."""
    ours = {id_: model for model in models.by_id.values() for id_ in model.ids}
    for id_ in sorted(sdk.models - ours.keys() - models.retired.keys()):
        yield f"add {id_} to content/models.toml"
    for id_ in sorted((ours.keys() | models.retired.keys()) - sdk.models):
        yield f"remove {id_} from content/models.toml: not in the SDK"
    # An alias has the end of its model.
    states = {id_: (model.id, model.retires) for id_, model in ours.items()}
    states |= {id_: (id_, end) for id_, end in models.retired.items()}
    lines = {
        f"set the end of life of {name} in content/models.toml to {sdk.ends.get(id_, 'none')}"
        for id_, (name, end) in states.items()
        if id_ in sdk.models and sdk.ends.get(id_) != end
    }
    yield from sorted(lines)
