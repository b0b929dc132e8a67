"""What a message asks of the simulator.

`simulate: tool-use`, `simulate: hello/drop;at=9`, `simulate: corpus:comments`, or
`simulate: tools=2;steps=3`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from streamguide.protocol.refusal import invalid

_MOST_ECHOED = 100
# The name that stands for no scenario where a fault follows: the request decides. In paths too.
AUTO = "auto"

# How many calls of tools can be asked for, in one answer and one after the other.
_MOST_CALLS = 10

# With or without a full stop after it. It begins with a fixed text, which is found ten times as
# fast as a word boundary.
_DIRECTIVE = re.compile(
    r"simulate:(?<=\bsimulate:)\s{0,100}((?:corpus:)?[A-Za-z0-9-]+(?:=[0-9]{1,9}(?:;[a-z]+=[0-9]{1,9})*)?)"
    r"(?:/([A-Za-z0-9;=.+_-]*[A-Za-z0-9]))?"
)


@dataclass(frozen=True, slots=True)
class Directive:
    """The name of a scenario, or of a stream of the corpus, None where the request decides, and the faults as a path spells them.

    Where the request decides and has tools, the answer calls `tools` of them, and as many again
    after each result, `steps` times in all.
    """

    scenario: str | None = None
    faults: str = ""
    tools: int = 1
    steps: int = 1


NOTHING = Directive()


def read_directive(text: str) -> Directive:
    """The first directive of a message's text; NOTHING where there is none. Raises Refusal."""
    found = _DIRECTIVE.search(text)
    if found is None:
        return NOTHING
    faults = found[2] or ""
    if "=" not in found[1]:
        return Directive(None if found[1] == AUTO else found[1], faults)
    counts = dict(part.split("=") for part in found[1].split(";"))
    for name, count in counts.items():
        if name not in ("tools", "steps") or not 1 <= int(count) <= _MOST_CALLS:
            raise invalid(
                f"simulate: {name[:_MOST_ECHOED]}={count} is not known; there are tools and steps, "
                f"each from 1 to {_MOST_CALLS}, as in simulate: tools=2;steps=3"
            )
    tools, steps = (int(counts.get(name, 1)) for name in ("tools", "steps"))
    return Directive(None, faults, tools, steps)
