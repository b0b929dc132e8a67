"""The measured clients: each is a program that can be judged, and was judged on every recording."""

from __future__ import annotations

import pytest

from streamguide.conform import run_all
from streamguide.content import load_content
from streamguide.guide.conformance import load
from tools.conformance.__main__ import FILE
from tools.conformance.clients import OTHERS, clients

CLIENTS = clients()
RECORDINGS = load_content().recordings
MEASURED = {one.client: one for one in load(FILE).clients}


def test_every_client_was_measured_on_every_recording() -> None:
    assert list(MEASURED) == [*CLIENTS, *OTHERS]
    for measured in MEASURED.values():
        assert list(measured.complaints) == list(RECORDINGS), "make conformance"


@pytest.mark.parametrize("name", CLIENTS)
def test_every_client_reads_a_plain_stream(site: str, name: str) -> None:
    (plain,) = run_all(f"{site}/simulator", CLIENTS[name].command, [RECORDINGS["plain"]], 120, 1)
    assert plain.complaints == ()


@pytest.mark.soak
@pytest.mark.parametrize("name", CLIENTS)
def test_every_client_does_what_is_recorded(site: str, name: str) -> None:
    measured = MEASURED[name]
    if (measured.version, measured.runtime) != (CLIENTS[name].version, CLIENTS[name].runtime):
        pytest.skip(f"recorded of {measured.version} on {measured.runtime}: make conformance")
    found = run_all(f"{site}/simulator", CLIENTS[name].command, list(RECORDINGS.values()), 60, 2)
    kinds = {one.recording.name: [told.kind for told in one.complaints] for one in found}
    assert kinds == {
        of: [complaint.kind for complaint in told] for of, told in measured.complaints.items()
    }
