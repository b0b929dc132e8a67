"""Every event and message, against the types of the official JavaScript SDK."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from streamguide.content import load_content
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.message import full_message
from streamguide.scenarios.script import script
from tools import nodejs
from tools.process import ROOT

SCENARIOS = load_content().scenarios

# The types require these fields, and allow null. Real streams leave them out where they have
# nothing to say, so the simulator does not send them there, and a client has to do without. The
# numbers are those of the recordings of models from 4.5 on in two public repositories, vercel/ai
# and pydantic-ai, on 2026-11-29: how many have the field, and of how many.
_USAGE = (
    # Only with thinking: 4 of 46 message_delta.
    "output_tokens_details",
    # Only with server tools: 25 of 46.
    "server_tool_use",
    # Only with compaction, a fallback or an advisor: 5 of 46.
    "iterations",
    # Only for a request with a credit, by the SDK's types: 0 of 46.
    "fallback_credit",
)
LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    # Only where citations are asked for: 19 of 112 text blocks; no document was recorded.
    "text": ("citations",),
    "document": ("citations",),
    # Only in the fast mode, of which there is no recording: 0 of 59 message_start.
    "usage": (*_USAGE, "speed"),
    "delta usage": _USAGE,
    # Only with a container: 9 of 46 message_delta, 13 of 59 message_start. The others: 0 of 59.
    "message_delta": ("container",),
    "message": ("container", "context_management", "diagnostics", "input_transformations"),
    # A beta's count while thinking is hidden: 0 of 79.
    "thinking_delta": ("estimated_tokens",),
    # Of fallbacks. The one refusal that was recorded recommends a model, and lacks the others.
    "refusal": ("fallback_credit_token", "fallback_has_prefill_claim", "recommended_model"),
    # Only with skills: 1 of 9 containers.
    "container": ("skills",),
    # Only where the context is edited: 5 of 46.
    "message_delta event": ("context_management",),
    # Only beside a fallback: 0 of 6 iterations of other answers.
    "message iteration": ("model",),
}
OPTIONS = (
    *("--noEmit", "--ignoreConfig", "--strict", "--skipLibCheck"),
    *("--module", "nodenext", "--moduleResolution", "nodenext", "--target", "es2022"),
)


def kind_of(name: str, value: Mapping[str, Any], parent: str) -> str:
    """What an object is, as LEFT_OUT calls it: by its type, or by the field that holds it."""
    if name == "usage":
        return "delta usage" if parent == "message_delta event" else "usage"
    if name == "delta" and "stop_reason" in value:
        return "message_delta"
    kind = str(value.get("type", name))
    if name == "iterations":
        return f"{kind} iteration"
    if name in ("container", "message", "source", "trigger"):
        return name
    return f"{kind} event" if kind == "message_delta" else kind


def filled(value: Any, used: set[tuple[str, str]], name: str = "", parent: str = "") -> Any:
    """The value with null for each field that is left out, as `used` remembers."""
    if isinstance(value, list):
        return [filled(item, used, name, parent) for item in value]
    if not isinstance(value, dict):
        return value
    kind = kind_of(name, value, parent)
    missing = [field for field in LEFT_OUT.get(kind, ()) if field not in value]
    used |= {(kind, field) for field in missing}
    whole = {key: filled(item, used, key, kind) for key, item in value.items()}
    return whole | dict.fromkeys(missing)


def declarations(used: set[tuple[str, str]]) -> Iterator[str]:
    """A constant of its type for each event and each message."""
    yield (
        "import type { BetaMessage, BetaRawMessageStreamEvent } "
        "from '@anthropic-ai/sdk/resources/beta/messages/messages';"
    )
    for number, scenario in enumerate(SCENARIOS.values()):
        answer = make_answer(scenario)
        for place, timed in enumerate(script(answer)):
            # The SDKs raise an error for the one, and drop the other.
            if timed.event["type"] not in ("ping", "error"):
                event = json.dumps(filled(timed.event, used))
                yield f"const event_{number}_{place}: BetaRawMessageStreamEvent = {event};"
        message = json.dumps(filled(full_message(answer), used, "message"))
        yield f"const message_{number}: BetaMessage = {message};"


def test_every_event_and_message_has_its_type_but_for_what_is_left_out(tmp_path: Path) -> None:
    used: set[tuple[str, str]] = set()
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "package.json").write_text('{"type":"module"}')
    file = tmp_path / "scenarios.ts"
    file.write_text("\n".join(declarations(used)), encoding="utf-8")
    tsc = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
    ran = subprocess.run(
        [nodejs.find() or "node", str(tsc), *OPTIONS, str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ran.stdout == ""
    assert used == {(kind, name) for kind, names in LEFT_OUT.items() for name in names}
