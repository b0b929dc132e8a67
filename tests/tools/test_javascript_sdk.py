"""Reading the declarations of the JavaScript SDK."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tools.fresh.javascript_sdk import Declarations, Unreadable, read

FILES = {
    "resources/messages/messages.d.ts": """
export type RawMessageStreamEvent = StopEvent;
export interface StopEvent {
    /**
     * What stopped.
     */
    details: {
        type: 'not_this';
    } | null;
    type: 'message_stop';
}
export type RawContentBlockDelta = StopEvent;
export type ContentBlock = StopEvent | ToolBlock;
export type ToolBlock = ClickBlock | TypeBlock;
export interface ClickBlock {
    type: 'click';
}
export interface TypeBlock {
    type: 'type';
}
export type StopReason = 'end_turn' | 'refusal';
export type Model = 'claude-x-9' | 'claude-x-9-1' | (string & {});
""",
    "resources/beta/messages/messages.d.ts": """
export type BetaRawMessageStreamEvent = BetaEvent;
export interface BetaEvent {
    type: 'message_stop';
}
export type BetaRawContentBlockDelta = BetaEvent;
export type BetaContentBlock = BetaEvent;
export type BetaStopReason = 'end_turn' | 'compaction';
""",
    "resources/shared.d.ts": """
export type ErrorObject = APIErrorObject;
export interface APIErrorObject {
    message: string;
    type: 'api_error';
}
export type ErrorType = 'api_error' | 'conflict_error';
""",
    "client.mjs": "headers: { 'anthropic-version': '2031-01-01' },",
    "internal/data/deprecated-models.mjs": "'claude-x-9': 'March 3rd, 2031',",
}


def put(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_names_are_literals_and_the_types_of_interfaces_through_unions_of_unions(
    tmp_path: Path,
) -> None:
    sdk = read(put(tmp_path, FILES))
    assert sdk.stable == {
        "events": {"message_stop", "ping", "error"},
        "deltas": {"message_stop"},
        "blocks": {"message_stop", "click", "type"},
        "stop_reasons": {"end_turn", "refusal"},
    }
    assert sdk.beta["stop_reasons"] == {"end_turn", "compaction"}
    assert sdk.errors == {"api_error", "conflict_error"}
    assert sdk.models == {"claude-x-9", "claude-x-9-1"}
    assert (sdk.api_version, sdk.ends) == ("2031-01-01", {"claude-x-9": date(2031, 3, 3)})


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("text", ["", None], ids=["empty", "missing"])
def test_what_cannot_be_read_is_said_and_not_taken_for_nothing(
    tmp_path: Path, file: str, text: str | None
) -> None:
    put(tmp_path, FILES)
    if text is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(text)
    with pytest.raises(Unreadable):
        read(tmp_path)


@pytest.mark.parametrize(
    "declaration",
    [
        "export interface Delta extends Base {\n    type: 'x';\n}",
        "export interface Delta {\n    kind: 'x';\n}",
        "export type Delta =\n    'x';",
    ],
)
def test_an_unknown_form_is_refused(tmp_path: Path, declaration: str) -> None:
    file = tmp_path / "messages.d.ts"
    file.write_text(f"export type RawContentBlockDelta = Delta;\n{declaration}\n")
    with pytest.raises(Unreadable, match=r"^messages\.d\.ts has no Delta of a known form$"):
        Declarations(file).names("RawContentBlockDelta")
