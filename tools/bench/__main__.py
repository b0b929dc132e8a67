"""`python -m tools.bench` measures everything; `python -m tools.bench demo` one part.

Prints each part's tables, and writes them into tools/bench/README.md.
"""

from __future__ import annotations

import argparse
from datetime import date
from importlib import import_module
from pathlib import Path

from tools.bench.machine import describe
from tools.bench.report import rewritten, section

PARTS = ("demo", "pages", "simulator", "relay", "generator", "fairness", "fixture")
_README = Path(__file__).parent / "README.md"


def main() -> None:
    """Measure the parts that the command line names; all, if it names none."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}")
    parts = parser.parse_args().parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    for part in parts:
        _run(part)


def _run(part: str) -> None:
    """Measure one part. Imported only now: parts need different things of the system."""
    print(f"== {part}", flush=True)
    tables, used = import_module(f"tools.bench.{part}").measure()
    content = section(tables, date.today(), describe(used))
    print(f"\n{content}\n", flush=True)
    text = _README.read_text(encoding="utf-8")
    _README.write_text(rewritten(text, part, content), encoding="utf-8")


if __name__ == "__main__":
    main()
