"""CPU usage by /proc/stat."""

from __future__ import annotations

from tools.bench.machine import busy_seconds

STAT = """cpu  900 90 9 5000 7 0 300 0 0 0
cpu0 100 20 3 4000 7 0 200 0 0 0
cpu1 800 70 6 1000 0 0 100 50 0 0
intr 12345 0 0
"""


def test_the_cores_that_are_asked_for_count_and_no_other() -> None:
    assert busy_seconds(STAT, [1], ticks=100) == 9.26
    assert busy_seconds(STAT, [0, 1], ticks=100) == 10.49
