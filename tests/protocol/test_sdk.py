"""The protocol table holds exactly what the pinned SDKs know."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_args

import anthropic
import anthropic.types as ga
import anthropic.types.beta as beta
import anthropic.types.shared as shared
import httpx2
import pytest

from streamguide.protocol.request_names import BETA_FIELDS, BETAS, FIELDS
from streamguide.protocol.table import Field, ProtocolEntry, Table
from tests.entries import entries_of
from tools import nodejs
from tools.fresh import javascript_sdk, python_sdk
from tools.fresh.compare import differences, protocol_differences, stage_differences
from tools.fresh.python_sdk import (
    all_field_differences,
    arms,
    by_parent,
    field_differences,
    models_by_type,
    wire_fields,
)

# ------------------------------------------------------------------------ names and stages


PINNED = python_sdk.read()


def test_the_table_has_every_name_of_the_sdk_and_no_other(table: Table) -> None:
    assert list(protocol_differences(table, PINNED)) == []


def test_the_javascript_sdk_knows_the_same_names(table: Table) -> None:
    found = javascript_sdk.read(nodejs.MODULES / "@anthropic-ai" / "sdk")
    assert list(protocol_differences(table, found)) == []
    assert (found.stable, found.beta) == (PINNED.stable, PINNED.beta)


def test_the_names_of_a_request_are_those_of_the_sdk() -> None:
    stable, with_beta = (
        kind.MessageCreateParamsNonStreaming.__required_keys__
        | kind.MessageCreateParamsNonStreaming.__optional_keys__
        for kind in (ga.message_create_params, beta.message_create_params)
    )
    betas = {name for part in get_args(ga.AnthropicBetaParam) for name in get_args(part)}
    assert set(stable) == FIELDS
    assert set(with_beta) == FIELDS | BETA_FIELDS
    assert betas == BETAS


def test_a_block_start_holds_the_same_blocks_as_a_message() -> None:
    for start, message in (
        (ga.RawContentBlockStartEvent, ga.ContentBlock),
        (beta.BetaRawContentBlockStartEvent, beta.BetaContentBlock),
    ):
        in_start = models_by_type(start.model_fields["content_block"].annotation)
        assert in_start.keys() == models_by_type(message).keys()


def test_an_error_that_is_not_typed_is_none_of_the_sdks_error_objects(table: Table) -> None:
    typed = {name for name, error in table.errors.items() if error.typed}
    assert typed == models_by_type(shared.ErrorObject).keys()


def test_a_new_api_version_is_noticed(table: Table) -> None:
    newer = dataclasses.replace(PINNED, api_version="2031-01-01")
    wanted = 'set api_version = "2031-01-01" in content/protocol.toml'
    assert list(protocol_differences(table, newer)) == [wanted]


@pytest.mark.parametrize("section", ["events", "deltas", "blocks", "stop_reasons"])
@pytest.mark.parametrize("stage", ["ga", "beta"])
def test_a_new_name_is_noticed_in_every_section(table: Table, section: str, stage: str) -> None:
    stable, in_beta = dict(PINNED.stable), dict(PINNED.beta)
    in_beta[section] = {*in_beta[section], "x"}
    if stage == "ga":
        stable[section] = {*stable[section], "x"}
    newer = dataclasses.replace(PINNED, stable=stable, beta=in_beta)
    wanted = f'add [[{section}]] name = "x", stage = "{stage}" to content/protocol.toml'
    assert list(protocol_differences(table, newer)) == [wanted]


def test_a_new_type_of_error_is_noticed(table: Table) -> None:
    newer = dataclasses.replace(PINNED, errors={*PINNED.errors, "x_error"})
    wanted = 'add [[errors]] name = "x_error" to content/protocol.toml'
    assert list(protocol_differences(table, newer)) == [wanted]


def test_a_name_that_the_sdk_lacks_is_to_be_removed() -> None:
    (line,) = differences("deltas", ["text_delta", "x_delta"], ["text_delta"])
    assert line.startswith('remove [[deltas]] name = "x_delta" from')


def test_a_beta_name_marked_as_ga_is_noticed(table: Table) -> None:
    wrong = {"compaction": dataclasses.replace(table.blocks["compaction"], stage="ga")}
    remove, add = stage_differences("blocks", wrong, stable=set(), beta={"compaction"})
    assert remove.startswith('remove [[blocks]] name = "compaction", stage = "ga" from')
    assert add == 'add [[blocks]] name = "compaction", stage = "beta" to content/protocol.toml'


# --------------------------------------------------------------------------------- fields


def test_the_fields_of_events_deltas_and_blocks_are_those_of_the_sdk(table: Table) -> None:
    assert all_field_differences(table) == []


@pytest.mark.parametrize("section", ["events", "deltas", "blocks"])
def test_a_wrong_field_is_noticed_in_every_section(table: Table, section: str) -> None:
    entries: Mapping[str, ProtocolEntry] = getattr(table, section)
    name = next(name for name, entry in entries.items() if len(entry.fields) > 1)
    wrong: Any = {**entries, name: without_field(entries[name], "type")}
    (line,) = all_field_differences(dataclasses.replace(table, **{section: wrong}))
    assert line == f'add a field name = "type" to content/protocol.toml, name = "{name}"'


def test_the_error_event_has_the_fields_of_the_sdk_error_response(table: Table) -> None:
    groups = by_parent(table.events["error"].fields)
    assert groups[""].keys() == wire_fields(shared.ErrorResponse).keys()
    for model in arms(shared.ErrorObject):
        assert wire_fields(model).keys() <= groups["error"].keys(), model


def test_every_parent_of_a_field_is_a_field_too(table: Table) -> None:
    for entry in entries_of(table):
        known = {field.name for field in entry.fields}
        parents = {parent.removesuffix("[]") for parent in by_parent(entry.fields)} - {""}
        assert parents <= known, entry.anchor


def test_the_objects_that_matter_are_described_to_the_last_field(table: Table) -> None:
    start, delta = table.events["message_start"], table.events["message_delta"]
    assert {"message", "message.usage"} <= by_parent(start.fields).keys()
    assert {"delta", "delta.stop_details", "delta.container"} <= by_parent(delta.fields).keys()
    assert {"usage", "usage.output_tokens_details"} <= by_parent(delta.fields).keys()


def without_field(entry: ProtocolEntry, name: str) -> ProtocolEntry:
    fields = tuple(field for field in entry.fields if field.name != name)
    return dataclasses.replace(entry, fields=fields)


def test_a_field_that_the_table_lacks_fails_and_says_what_to_add(table: Table) -> None:
    entry = without_field(table.events["message_delta"], "usage.input_tokens")
    problems = field_differences(entry, ga.RawMessageDeltaEvent, beta.BetaRawMessageDeltaEvent)
    wanted = (
        'add a field name = "usage.input_tokens" to content/protocol.toml, name = "message_delta"'
    )
    assert list(problems) == [wanted]


def test_an_object_that_the_sdk_lacks_is_to_be_removed_with_its_fields(table: Table) -> None:
    planted = [Field(name=name, type="object", meaning="Nothing.") for name in ("x", "x.y")]
    entry = table.deltas["text_delta"]
    entry = dataclasses.replace(entry, fields=(*entry.fields, *planted))
    outer, inner = field_differences(entry, ga.TextDelta, beta.BetaTextDelta)
    assert outer.startswith('remove the field name = "x" from')
    assert inner.startswith('remove the field name = "x.y" from')


def test_a_field_that_the_sdk_lacks_fails(table: Table) -> None:
    planted = Field(name="planted", type="string", meaning="Nothing.")
    entry = table.deltas["text_delta"]
    entry = dataclasses.replace(entry, fields=(*entry.fields, planted))
    (problem,) = field_differences(entry, ga.TextDelta, beta.BetaTextDelta)
    assert problem.startswith('remove the field name = "planted"')


@pytest.mark.parametrize(("key", "value"), [("type", "integer"), ("optional", True)])
def test_a_field_with_a_wrong_property_fails(table: Table, key: str, value: Any) -> None:
    entry = table.deltas["text_delta"]
    wrong = [
        dataclasses.replace(field, **{key: value}) if field.name == "text" else field
        for field in entry.fields
    ]
    entry = dataclasses.replace(entry, fields=tuple(wrong))
    (problem,) = field_differences(entry, ga.TextDelta, beta.BetaTextDelta)
    assert f"needs {key} = " in problem


def test_a_beta_field_that_is_not_marked_fails(table: Table) -> None:
    entry = table.deltas["thinking_delta"]
    unmarked = tuple(dataclasses.replace(field, beta=False) for field in entry.fields)
    entry = dataclasses.replace(entry, fields=unmarked)
    (problem,) = field_differences(entry, ga.ThinkingDelta, beta.BetaThinkingDelta)
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


def test_the_sdk_has_a_class_of_its_own_for_each_code_that_is_never_retried(table: Table) -> None:
    assert table.never_retried == ("enforced_spend_limit_reached", "contract_spend_limit_reached")
    client = anthropic.Anthropic(api_key="test")
    for error in table.errors.values():
        for code in error.never_retry:
            details = {"error_code": code}
            body = {"type": "error", "error": {"type": error.name, "details": details}}
            raised = client._make_status_error("", body=body, response=answer(error.status))
            assert type(raised).__mro__[1] is getattr(anthropic, error.python), code
            assert raised.error_code == code


def answer(status: int) -> httpx2.Response:
    return httpx2.Response(status, request=httpx2.Request("POST", "http://localhost"))
