"""Write the generated files: golden streams, messages, programs and strips, and `.env.example`.

`make goldens` after a change that is meant to change them; then read the difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from streamguide.content import Content, load_content
from streamguide.generator.options import read
from streamguide.generator.render import render
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.frames import to_frames
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.message import full_message
from streamguide.scenarios.script import script
from streamguide.settings import example
from streamguide.strip import strip_at
from tools.process import ROOT

_GOLDEN = ROOT / "tests" / "golden"
FOLDER = _GOLDEN / "scenarios"
PROGRAMS = _GOLDEN / "programs"
STRIPS = _GOLDEN / "strips.json"
ENV_EXAMPLE = ROOT / ".env.example"

# What people will mostly take away, by the name of its golden file.
COMMON: Mapping[str, Mapping[str, str]] = {
    "python": {},
    "python-retry": {"recovery": "retry"},
    "python-resume-usage": {"recovery": "resume", "usage": "1", "request_id": "1", "stop": "1"},
    "python-tool": {"tool": "1", "recovery": "retry", "events": "all"},
    "python-async-retry": {"language": "python-async", "recovery": "retry"},
    "python-plain": {"language": "python-plain"},
    "javascript": {"language": "javascript"},
    "typescript-tool": {"language": "typescript", "tool": "1", "recovery": "retry"},
    "javascript-fetch-partial": {"language": "javascript-fetch", "recovery": "partial"},
    "curl": {"language": "curl"},
}
# Streams with and without silences, a cut, no events, no times, and more events than columns.
_STRIPS = (
    "hello",
    "hello/drop",
    "hello/status",
    "hello/slow;factor=0",
    "thinking-omitted",
    "long-prose",
)
# The strip of a list, and that of a page on a phone.
_STRIP_WIDTHS = (82, 316)


def goldens(scenario: Scenario) -> Iterator[tuple[str, bytes]]:
    """The golden files of a scenario: names and contents."""
    answer = make_answer(scenario)
    yield f"{scenario.name}.sse", b"".join(frame.data for frame in to_frames(script(answer)))
    message = json.dumps(full_message(answer), ensure_ascii=False, indent=1)
    yield f"{scenario.name}.json", f"{message}\n".encode()


def common_programs(library: Content) -> dict[str, str]:
    """The golden programs: names of files and texts."""
    found = {}
    for name, chosen in COMMON.items():
        options = read({key: [value] for key, value in chosen.items()}, library.models)
        program = render(options, library.models, library.table)
        found[f"{name}{Path(program.file).suffix}"] = program.text
    return found


def golden_strips(library: Content) -> str:
    """The geometry of some strips as JSON, which the page's modules must compute as well."""
    lines = []
    for path in _STRIPS:
        strip = strip_at(path, library.scenarios, library.table)
        # A page's strip stands for its own stream.
        strip = replace(strip, span=strip.end)
        drawn = {
            width: {"columns": strip.columns(width), "silences": strip.silences(width)}
            for width in _STRIP_WIDTHS
        }
        found = {"path": path, "ticks": strip.ticks, "end": strip.end, "drawn": drawn}
        lines.append(json.dumps(found, separators=(",", ":")))
    return "[\n" + ",\n".join(lines) + "\n]\n"


def main() -> None:
    """Write every file, and remove golden files that nothing generates any more."""
    library = load_content()
    scenarios = dict(
        golden for scenario in library.scenarios.values() for golden in goldens(scenario)
    )
    programs = {name: text.encode() for name, text in common_programs(library).items()}
    for folder, files in ((FOLDER, scenarios), (PROGRAMS, programs)):
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.iterdir():
            stale.unlink()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        print(f"Wrote {len(files)} files to {folder}")
    STRIPS.write_text(golden_strips(library), encoding="utf-8")
    print(f"Wrote {STRIPS}")
    ENV_EXAMPLE.write_text(example(), encoding="utf-8")
    print(f"Wrote {ENV_EXAMPLE}")


if __name__ == "__main__":
    main()
