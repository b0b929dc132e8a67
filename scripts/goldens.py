"""Write the golden files: for each scenario its stream and its finished message.

`make goldens` after a change that is meant to change them; then read the difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from streamguide.library import load_library
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.message import full_message
from streamguide.scenarios.plan import plan
from streamguide.scenarios.script import script

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "golden" / "scenarios"


def goldens(scenario: Scenario) -> Iterator[tuple[str, bytes]]:
    """The golden files of a scenario: names and contents."""
    answer = make_answer(scenario)
    yield f"{scenario.name}.sse", b"".join(frame.data for frame in plan(script(answer)))
    message = json.dumps(full_message(answer), ensure_ascii=False, indent=1)
    yield f"{scenario.name}.json", f"{message}\n".encode()


def main() -> None:
    """Write every golden file, and remove those of scenarios that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for stale in FOLDER.iterdir():
        stale.unlink()
    for scenario in load_library().scenarios.values():
        for name, content in goldens(scenario):
            (FOLDER / name).write_bytes(content)
    print(f"Wrote {len(list(FOLDER.iterdir()))} files to {FOLDER}")


if __name__ == "__main__":
    main()
