"""The protocol table holds exactly what the pinned SDK knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import anthropic
import anthropic.types as ga
import anthropic.types.beta as beta
import anthropic.types.shared as shared
import httpx2
import pytest
from anthropic._constants import ANTHROPIC_API_VERSION
from pydantic import BaseModel

from streamguide.protocol.table import Entry, Field, Table

FILE = Path(__file__).parents[2] / "content" / "protocol.toml"

# Not members of the SDK's event union: its decoder handles them.
HANDLED_BY_THE_DECODER = {"ping", "error"}
# Types that the API sends and the SDK's ErrorObject lacks.
UNTYPED_ERRORS = {"conflict_error", "request_too_large"}


# -------------------------------------------------------------- reading the SDK's types


def arms(union: Any) -> list[Any]:
    """The members of a union, an Optional or an Annotated of them, without None."""
    if hasattr(union, "__metadata__"):
        return arms(get_args(union)[0])
    if get_origin(union) in (None, list, dict, Literal):
        return [union]
    return [arm for member in get_args(union) if member is not type(None) for arm in arms(member)]


def models_by_type(union: Any) -> dict[str, type[BaseModel]]:
    """The models of a union by the literal in their field `type`."""
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in arms(union)}


def wire_fields(model: type[BaseModel]) -> dict[str, Any]:
    """The fields of a model by their names in JSON."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def model_at(model: type[BaseModel], path: str) -> type[BaseModel]:
    """The model that a path such as `delta.container.skills[]` leads to."""
    for step in filter(None, path.split(".")):
        annotation = wire_fields(model)[step.removesuffix("[]")].annotation
        (arm,) = arms(annotation)
        model = get_args(arm)[0] if step.endswith("[]") else arm
    return model


def json_type(annotation: Any) -> str:
    """What a field of this annotation is in JSON, such as `array or object`."""
    return " or ".join(sorted({_json_type(arm) for arm in arms(annotation)}))


def _json_type(arm: Any) -> str:
    origin = get_origin(arm)
    if origin is Literal or arm in (str, datetime):
        return "string"
    if origin in (list, dict):
        return {list: "array", dict: "object"}[origin]
    return {int: "integer", bool: "boolean"}.get(arm, "object")


def is_optional(field: Any) -> bool:
    return not field.is_required() or type(None) in get_args(field.annotation)


# ------------------------------------------------------------------ comparing with them


def compare(section: str, found: Iterable[str], wanted: Iterable[str], stage: str = "") -> None:
    """Fails with one line for each name that the table lacks or has too much."""
    found, wanted = set(found), set(wanted)
    mark = f', stage = "{stage}"' if stage else ""
    lines = [
        f'add [[{section}]] name = "{name}"{mark} to content/protocol.toml'
        for name in sorted(wanted - found)
    ]
    lines += [
        f'remove [[{section}]] name = "{name}"{mark} from content/protocol.toml: not in the SDK'
        for name in sorted(found - wanted)
    ]
    assert not lines, "\n".join(lines)


def names(section: Mapping[str, Entry], stage: str) -> list[str]:
    return [name for name, entry in section.items() if entry.stage == stage]


def compare_stages(
    section: str, found: Mapping[str, Entry], in_ga: Iterable[str], in_beta: Iterable[str]
) -> None:
    in_ga = set(in_ga)
    compare(section, names(found, "ga"), in_ga, "ga")
    compare(section, names(found, "beta"), set(in_beta) - in_ga, "beta")


def field_problems(
    entry: Entry, in_ga: type[BaseModel] | None, in_beta: type[BaseModel]
) -> Iterator[str]:
    """What is wrong with an entry's fields. `in_ga` is None for an entry that is beta itself."""
    where = f'content/protocol.toml, name = "{entry.name}"'
    for path, group in by_parent(entry.fields).items():
        known = wire_fields(model_at(in_beta, path))
        stable = known if in_ga is None else stable_fields(in_ga, path)
        prefix = f"{path}." if path else ""
        for name in sorted(known.keys() - group.keys()):
            yield f'add a field name = "{prefix}{name}" to {where}'
        for name in sorted(group.keys() - known.keys()):
            yield f'remove the field name = "{prefix}{name}" from {where}'
        for name in group.keys() & known.keys():
            for key, value in expected(known[name], name not in stable).items():
                if getattr(group[name], key) != value:
                    yield f'field "{prefix}{name}" of {where} needs {key} = {value!r}'


def by_parent(fields: Iterable[Field]) -> dict[str, dict[str, Field]]:
    """The fields by the path of their parent, then by their own name."""
    groups: dict[str, dict[str, Field]] = {}
    for field in fields:
        parent, _, name = field.name.rpartition(".")
        groups.setdefault(parent, {})[name] = field
    return groups


def stable_fields(model: type[BaseModel], path: str) -> dict[str, Any]:
    """The fields at a path of the GA model; none if the path exists in beta only."""
    try:
        return wire_fields(model_at(model, path))
    except KeyError:
        return {}


def expected(field: Any, is_beta: bool) -> dict[str, Any]:
    return {
        "type": json_type(field.annotation),
        "optional": is_optional(field),
        "beta": is_beta,
    }


def check_fields(
    section: Mapping[str, Entry],
    in_ga: Mapping[str, type[BaseModel]],
    in_beta: Mapping[str, type[BaseModel]],
) -> None:
    problems = [
        problem
        for name in section.keys() & in_beta.keys()
        for problem in field_problems(section[name], in_ga.get(name), in_beta[name])
    ]
    assert not problems, "\n".join(sorted(problems))


# ------------------------------------------------------------------------ names and stages


def test_the_api_version_is_the_one_the_sdk_sends(table: Table) -> None:
    assert table.api_version == ANTHROPIC_API_VERSION


def test_events_are_those_of_the_sdk_and_the_two_its_decoder_handles(table: Table) -> None:
    wanted = {*models_by_type(ga.RawMessageStreamEvent), *HANDLED_BY_THE_DECODER}
    assert wanted == {*models_by_type(beta.BetaRawMessageStreamEvent), *HANDLED_BY_THE_DECODER}
    compare("events", table.events, wanted)


def test_deltas_and_their_stages_are_those_of_the_sdk(table: Table) -> None:
    in_ga = models_by_type(ga.RawContentBlockDelta)
    compare_stages("deltas", table.deltas, in_ga, models_by_type(beta.BetaRawContentBlockDelta))


def test_blocks_and_their_stages_are_those_of_the_sdk(table: Table) -> None:
    in_ga = models_by_type(ga.ContentBlock)
    compare_stages("blocks", table.blocks, in_ga, models_by_type(beta.BetaContentBlock))


def test_a_block_start_holds_the_same_blocks_as_a_message(table: Table) -> None:
    in_ga = ga.RawContentBlockStartEvent.model_fields["content_block"].annotation
    in_beta = beta.BetaRawContentBlockStartEvent.model_fields["content_block"].annotation
    compare_stages("blocks", table.blocks, models_by_type(in_ga), models_by_type(in_beta))


def test_stop_reasons_and_their_stages_are_those_of_the_sdk(table: Table) -> None:
    in_beta = get_args(beta.BetaStopReason)
    compare_stages("stop_reasons", table.stop_reasons, get_args(ga.StopReason), in_beta)


def test_errors_are_those_of_the_sdk_and_two_it_does_not_type(table: Table) -> None:
    wanted = {*models_by_type(shared.ErrorObject), *UNTYPED_ERRORS}
    compare("errors", table.errors, wanted)
    untyped = {name for name, error in table.errors.items() if not error.typed}
    assert untyped == UNTYPED_ERRORS


def test_a_name_that_the_table_lacks_fails_and_says_what_to_add() -> None:
    with pytest.raises(AssertionError, match=r'add \[\[deltas\]\] name = "x_delta" to content/'):
        compare("deltas", ["text_delta"], ["text_delta", "x_delta"])


def test_a_name_that_the_sdk_lacks_fails_and_says_what_to_remove() -> None:
    with pytest.raises(AssertionError, match=r'remove \[\[deltas\]\] name = "x_delta" from'):
        compare("deltas", ["text_delta", "x_delta"], ["text_delta"])


def test_a_beta_name_marked_as_ga_fails(table: Table) -> None:
    wrong = {"compaction": dataclasses.replace(table.blocks["compaction"], stage="ga")}
    with pytest.raises(AssertionError, match='"compaction", stage = "ga" from'):
        compare_stages("blocks", wrong, in_ga=[], in_beta=["compaction"])


# --------------------------------------------------------------------------------- fields


def test_event_fields_are_those_of_the_sdk(table: Table) -> None:
    in_beta = models_by_type(beta.BetaRawMessageStreamEvent)
    check_fields(table.events, models_by_type(ga.RawMessageStreamEvent), in_beta)


def test_delta_fields_are_those_of_the_sdk(table: Table) -> None:
    in_beta = models_by_type(beta.BetaRawContentBlockDelta)
    check_fields(table.deltas, models_by_type(ga.RawContentBlockDelta), in_beta)


def test_block_fields_are_those_of_the_sdk(table: Table) -> None:
    in_beta = models_by_type(beta.BetaContentBlock)
    check_fields(table.blocks, models_by_type(ga.ContentBlock), in_beta)


def test_the_error_event_has_the_fields_of_the_sdk_error_response(table: Table) -> None:
    groups = by_parent(table.events["error"].fields)
    assert groups[""].keys() == wire_fields(shared.ErrorResponse).keys()
    for model in arms(shared.ErrorObject):
        assert wire_fields(model).keys() <= groups["error"].keys(), model


def test_every_parent_of_a_field_is_a_field_too(table: Table) -> None:
    for entry in table.entries():
        known = {field.name for field in entry.fields}
        parents = {parent.removesuffix("[]") for parent in by_parent(entry.fields)} - {""}
        assert parents <= known, entry.anchor


def test_the_objects_that_matter_are_described_to_the_last_field(table: Table) -> None:
    start, delta = table.events["message_start"], table.events["message_delta"]
    assert {"message", "message.usage"} <= by_parent(start.fields).keys()
    assert {"delta", "delta.stop_details", "delta.container"} <= by_parent(delta.fields).keys()
    assert {"usage", "usage.output_tokens_details"} <= by_parent(delta.fields).keys()


def without_field(entry: Entry, name: str) -> Entry:
    fields = tuple(field for field in entry.fields if field.name != name)
    return dataclasses.replace(entry, fields=fields)


def test_a_field_that_the_table_lacks_fails_and_says_what_to_add(table: Table) -> None:
    entry = without_field(table.events["message_delta"], "usage.input_tokens")
    problems = field_problems(entry, ga.RawMessageDeltaEvent, beta.BetaRawMessageDeltaEvent)
    wanted = (
        'add a field name = "usage.input_tokens" to content/protocol.toml, name = "message_delta"'
    )
    assert list(problems) == [wanted]


def test_a_field_that_the_sdk_lacks_fails(table: Table) -> None:
    planted = Field(name="planted", type="string", meaning="Nothing.")
    entry = table.deltas["text_delta"]
    entry = dataclasses.replace(entry, fields=(*entry.fields, planted))
    (problem,) = field_problems(entry, ga.TextDelta, beta.BetaTextDelta)
    assert problem.startswith('remove the field name = "planted"')


@pytest.mark.parametrize(("key", "value"), [("type", "integer"), ("optional", True)])
def test_a_field_with_a_wrong_property_fails(table: Table, key: str, value: Any) -> None:
    entry = table.deltas["text_delta"]
    wrong = [
        dataclasses.replace(field, **{key: value}) if field.name == "text" else field
        for field in entry.fields
    ]
    entry = dataclasses.replace(entry, fields=tuple(wrong))
    (problem,) = field_problems(entry, ga.TextDelta, beta.BetaTextDelta)
    assert f"needs {key} = " in problem


def test_a_beta_field_that_is_not_marked_fails(table: Table) -> None:
    entry = table.deltas["thinking_delta"]
    unmarked = tuple(dataclasses.replace(field, beta=False) for field in entry.fields)
    entry = dataclasses.replace(entry, fields=unmarked)
    (problem,) = field_problems(entry, ga.ThinkingDelta, beta.BetaThinkingDelta)
    assert problem.endswith("needs beta = True")


# -------------------------------------------------------------- what the SDK does with errors


def test_python_error_classes_exist_and_carry_the_status(table: Table) -> None:
    for error in table.errors.values():
        cls = getattr(anthropic, error.python)
        assert issubclass(cls, anthropic.APIStatusError)
        assert getattr(cls, "status_code", error.status) == error.status, error.name


def test_the_sdk_makes_the_named_class_from_the_status(table: Table) -> None:
    client = anthropic.Anthropic(api_key="test")
    for error in table.errors.values():
        body = {"type": "error", "error": {"type": error.name, "message": error.message}}
        response = answer(error.status)
        raised = client._make_status_error(error.message, body=body, response=response)
        assert type(raised).__name__ == error.python, error.name
        assert raised.type == error.name


def test_the_sdk_retries_what_the_table_says_it_retries(table: Table) -> None:
    client = anthropic.Anthropic(api_key="test")
    for error in table.errors.values():
        assert client._should_retry(answer(error.status)) is error.sdk_retries, error.name


def answer(status: int) -> httpx2.Response:
    return httpx2.Response(status, request=httpx2.Request("POST", "http://localhost"))
