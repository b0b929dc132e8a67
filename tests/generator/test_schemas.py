"""Programs with a schema of one's own, of the answer or of a tool's input."""

from __future__ import annotations

import json
import secrets
import subprocess
from typing import Any

import httpx2
import jsonschema
import pytest

from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import RELAYS
from tests.generator.combinations import SCHEMA, some_languages
from tests.generator.relays import program
from tools.server import environment

SECONDS = 60.0
PROGRAMS = [name for name in LANGUAGES if name not in RELAYS]
SOME = some_languages(PROGRAMS, "curl")
SOME_WITH_TOOL = some_languages(name for name in PROGRAMS if name != "curl")
NAME, DESCRIPTION = "file_report", 'Files a report, in an editor\'s "words".'
OWN = {"tool": "1", "tool_name": NAME, "tool_description": DESCRIPTION}
FIELDS = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}


def run(
    site: str, language: str, answers: object = None, **query: str
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """A run against the simulator, which gives these answers or makes its own; what was sent."""
    key = f"sk-{secrets.token_hex(8)}"
    headers = {"x-api-key": key}
    simulator = f"{site}/simulator"
    if answers is not None:
        put = httpx2.put(f"{simulator}/answers", headers=headers, json={"answers": answers})
        put.raise_for_status()
    extra = {
        "ANTHROPIC_BASE_URL": f"{simulator}/auto/slow;factor=0",
        "ANTHROPIC_API_KEY": key,
    }
    with program(language, **query) as command:
        ended = subprocess.run(
            command, env=environment(extra), capture_output=True, text=True, timeout=SECONDS
        )
    journal = httpx2.get(f"{simulator}/journal.json", headers=headers).json()
    return ended, [json.loads(request["body"]) for request in journal["requests"]]


@pytest.mark.parametrize("language", SOME)
@pytest.mark.parametrize("stream", ["1", "0"])
def test_the_answer_is_json_of_the_schema(site: str, language: str, stream: str) -> None:
    ran, (body,) = run(site, language, schema=SCHEMA, effort="low", stream=stream)
    expected = {"type": "json_schema", "schema": json.loads(SCHEMA)}
    assert body["output_config"] == {"effort": "low", "format": expected}
    assert (ran.returncode, ran.stderr.strip()) == (0, "[end_turn]")
    jsonschema.validate(json.loads(ran.stdout), json.loads(SCHEMA))


@pytest.mark.parametrize("language", SOME_WITH_TOOL)
def test_a_tool_of_ones_own_is_called_and_gives_its_input_back(site: str, language: str) -> None:
    ran, (first, second) = run(site, language, tool_schema=SCHEMA, **OWN)
    assert first["tools"] == [
        {"name": NAME, "description": DESCRIPTION, "input_schema": json.loads(SCHEMA)}
    ]
    call = second["messages"][1]["content"][-1]
    (result,) = second["messages"][2]["content"]
    assert (call["name"], result["tool_use_id"]) == (NAME, call["id"])
    assert json.loads(result["content"]) == call["input"]
    assert not result.get("is_error")
    assert ran.returncode == 0


@pytest.mark.parametrize("language", SOME_WITH_TOOL)
def test_an_input_without_what_is_required_is_told_to_claude(site: str, language: str) -> None:
    answers = [{"tool": {"name": NAME, "input": {"text": "…"}}}, {"text": "It needs a title."}]
    ran, (_, second) = run(site, language, answers, tool_schema=json.dumps(FIELDS), **OWN)
    (result,) = second["messages"][2]["content"]
    assert result["is_error"] is True
    assert result["content"].startswith(f"{NAME} cannot take ")
    assert ran.returncode == 0
