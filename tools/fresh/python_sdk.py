"""The names that the Python SDK knows: the one that this interpreter imports.

`python -m tools.fresh.python_sdk FILE` writes to FILE, as JSON, its version, its error codes and
what the tables of the site would have to change for it. `make fresh` runs it with the newest SDK
before the pinned one on the path: one process can import only one of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import anthropic
import anthropic.types as ga
import anthropic.types.beta as beta
import anthropic.types.shared as shared
from anthropic.resources.messages import DEPRECATED_MODELS
from pydantic import BaseModel

from streamguide import models
from streamguide.files import CONTENT
from streamguide.protocol import load as protocol
from streamguide.protocol.table import Field, ProtocolEntry, Table
from tools.fresh.compare import (
    UNIONS,
    Sdk,
    by_section,
    end_of_life,
    model_differences,
    protocol_differences,
)

# -------------------------------------------------------------------- reading its types


def arms(union: Any) -> list[Any]:
    """The members of a union, an Optional or an Annotated of them, without None."""
    if hasattr(union, "__metadata__"):
        return arms(get_args(union)[0])
    if get_origin(union) in (None, list, dict, Literal):
        return [union]
    return [arm for member in get_args(union) if member is not type(None) for arm in arms(member)]


def models_by(key: str, union: Any) -> dict[str, type[BaseModel]]:
    """The models of a union by the literal in their field `key`."""
    return {get_args(model.model_fields[key].annotation)[0]: model for model in arms(union)}


def models_by_type(union: Any) -> dict[str, type[BaseModel]]:
    """The models of a union by the literal in their field `type`."""
    return models_by("type", union)


def names(union: Any) -> set[str]:
    """The literals of a union, and those in the field `type` of its models; not any other text."""
    fields = [
        arm if get_origin(arm) is Literal else arm.model_fields["type"].annotation
        for arm in arms(union)
        if arm is not str
    ]
    return {name for literal in fields for name in get_args(literal)}


def read() -> Sdk:
    """The names that it knows."""
    # A client shows the headers that it sends; no public constant has the version.
    version = anthropic.Anthropic(api_key="none").default_headers["anthropic-version"]
    return Sdk(
        api_version=str(version),
        stable=by_section(lambda union: names(getattr(ga, union))),
        beta=by_section(lambda union: names(getattr(beta, union)), "Beta"),
        errors=names(shared.ErrorObject) | names(shared.ErrorType),
        models=names(ga.Model),
        ends={id_: end_of_life(text) for id_, text in DEPRECATED_MODELS.items()},
    )


def error_codes() -> set[str]:
    """The codes that `error.details` may have; no table of the site lists them."""
    return {*models_by("error_code", shared.ErrorDetails)}


# ------------------------------------------------------------------- comparing its fields


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
    """The JSON type of a field with this annotation, such as `array or object`."""
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


def field_differences(
    entry: ProtocolEntry, in_ga: type[BaseModel] | None, in_beta: type[BaseModel]
) -> Iterator[str]:
    """The differences of an entry's fields. `in_ga` is None for an entry that is beta itself."""
    where = f'content/protocol.toml, name = "{entry.name}"'
    for path, group in by_parent(entry.fields).items():
        known = fields_at(in_beta, path)
        stable = known if in_ga is None else fields_at(in_ga, path)
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


def fields_at(model: type[BaseModel], path: str) -> dict[str, Any]:
    """The fields at a path of a model; none if it has no such path."""
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


def all_field_differences(table: Table) -> list[str]:
    """The differences of all fields of events, deltas and blocks."""
    return sorted(
        line
        for section in ("events", "deltas", "blocks")
        for name, model in models_by_type(getattr(beta, f"Beta{UNIONS[section]}")).items()
        if (entry := getattr(table, section).get(name))
        for line in field_differences(
            entry, models_by_type(getattr(ga, UNIONS[section])).get(name), model
        )
    )


def main() -> None:
    table = protocol.load(CONTENT / "protocol.toml")
    sdk = read()
    found = {
        "version": anthropic.__version__,
        "codes": sorted(error_codes()),
        "differences": [
            *protocol_differences(table, sdk),
            *all_field_differences(table),
            *model_differences(models.load(CONTENT / "models.toml"), sdk),
        ],
    }
    Path(sys.argv[1]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
