"""What a run of a client's program means."""

from __future__ import annotations

import pytest

from streamguide.files import CONTENT
from streamguide.guide.clients import load_clients
from tools.clients.install import packages
from tools.clients.runs import Case, judge
from tools.faults.clients import whole_text
from tools.faults.running import Ran

CLIENTS = {client.name: client for client in load_clients(CONTENT / "clients.toml")}
WHOLE = whole_text()
TRACE = """\
Traceback (most recent call last):
  File "httpcore.py", line 1, in map
    raise
ssl.Lower: first

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "x.py", line 8, in <module>
    for text in stream.text_stream:
                ^^^^^^^^^^^^^^^^^^
pydantic_ai.exceptions.ModelHTTPError: status: 200
body: odd: text
"""


@pytest.mark.parametrize(
    ("client", "ran", "raised", "aside"),
    [
        ("litellm", Ran(0, WHOLE, "reason: stop\n", 0, 1), None, None),
        ("litellm", Ran(0, WHOLE[:9], "reason: None\n", 0, 1), None, "finish_reason"),
        ("litellm", Ran(0, WHOLE[:9], "a warning\nreason: stop\n", 0, 1), None, None),
        ("pydantic-ai", Ran(1, "", TRACE, None, 1), "pydantic_ai.ModelHTTPError", None),
        ("ai-sdk", Ran(0, "", "APIError: x\nreason: stop\n", None, 1), None, "onError"),
        ("ai-sdk", Ran(0, "", "reason: interrupted\n", None, 1), None, "finishReason"),
        ("sdk-javascript", Ran(1, "", "raised: APIError\nAPIError: 1\n", 0, 1), "APIError", None),
        ("curl", Ran(18, WHOLE[:9], "curl: (18) cut\n", 0, 1), "exit 18", None),
        ("curl", Ran(0, WHOLE[:9], "", 0, 1), None, None),
    ],
)
def test_a_run_raises_or_reaches_the_line_that_prints_the_reason(
    client: str, ran: Ran, raised: str | None, aside: str | None
) -> None:
    result = judge(CLIENTS[client], Case("drop"), ran, 2, 1.26)
    assert (result.raised, result.aside) == (raised, aside)
    assert (result.complete, result.characters) == (ran.out == WHOLE, len(ran.out))
    assert (result.requests, result.seconds) == (2, 1.3)


def test_packages_are_those_of_the_programs_of_a_language() -> None:
    found = packages(CLIENTS.values(), ".mjs")
    assert "ai" in found
    assert "litellm" not in found
    assert len(found) == len(set(found))
