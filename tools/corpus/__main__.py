"""Write `content/corpus/`: streams for each rule of `content/reading.toml`, and what they mean.

`make goldens` after a change that is meant to change them; then read the difference. What is
expected is written here, or is the message that the stream was made from. It is never what a
reader here has read: the readers are held to it.
"""

from __future__ import annotations

import sys

from tools.corpus.files import FOLDER, SCHEMA, cases, files, read_otherwise


def main() -> int:
    """Write every file, and remove those that nothing generates any more."""
    FOLDER.mkdir(exist_ok=True)
    found = files()
    for stale in (*FOLDER.glob("*.sse"), *FOLDER.glob("*.json")):
        if stale.name not in found and stale.name != SCHEMA:
            stale.unlink()
    for name, content in found.items():
        (FOLDER / name).write_bytes(content)
    print(f"Wrote {len(found)} files to {FOLDER}")
    wrong = [one for case in cases().values() for one in read_otherwise(case, 4096)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
