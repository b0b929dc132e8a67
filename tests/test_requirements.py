"""What the pinned packages ask of Python."""

from __future__ import annotations

from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools.process import ROOT

# The README says 3.11 or newer. Debian 12 has 3.11.2, and will not have a later 3.11.
OLDEST = "3.11.0"
REQUIREMENTS = [
    Requirement(line)
    for file in ("requirements.txt", "requirements-dev.txt")
    for line in (ROOT / file).read_text("utf-8").splitlines()
    if line and not line.startswith(("#", "-"))
]
# Some are for certain machines only.
PINS = [one for one in REQUIREMENTS if one.marker is None or one.marker.evaluate()]


@pytest.mark.parametrize("pin", PINS, ids=lambda pin: pin.name)
def test_every_pin_runs_on_the_oldest_python_that_we_promise(pin: Requirement) -> None:
    found = distribution(pin.name)
    assert pin.specifier.contains(found.version), "make has not installed it"
    assert SpecifierSet(str(found.metadata.json.get("requires_python", ""))).contains(OLDEST)
