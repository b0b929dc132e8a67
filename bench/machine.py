"""What the figures of a run depend on beside the code: cores, processor, Python."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")


def describe(*more: str) -> str:
    """The machine in one line; `more` are versions of what else took part."""
    cores = os.cpu_count() or 1
    python = f"Python {platform.python_version()}"
    return ", ".join([f"{cores} cores", _processor(), platform.system(), python, *more])


def _processor() -> str:
    """The processor's model where the system tells it, else its architecture."""
    text = _CPU_INFO.read_text(encoding="utf-8") if _CPU_INFO.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()
