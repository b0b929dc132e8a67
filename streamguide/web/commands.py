"""The programs of the simulator's page: files of `content/commands/`, with an address and a key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamguide.content import CONTENT
from streamguide.guide import highlight
from streamguide.guide.programs import LANGUAGES

# What stands in the files. The page's script puts a key of its own in its place.
BASE_URL = "http://127.0.0.1:8000/simulator/hello"
KEY = "any-key"

_FOLDER = CONTENT / "commands"


@dataclass(frozen=True, slots=True)
class Command:
    """One way to try a setting. `needs` is what has to be there before, as a shell command."""

    name: str
    title: str
    text: str
    language: str
    needs: str = ""

    def html(self, base_url: str) -> str:
        """The text with this base URL in it, coloured."""
        return highlight.code(self.text.replace(BASE_URL, base_url), self.language)


def load_commands(folder: Path = _FOLDER) -> tuple[Command, ...]:
    """All of them, in the page's order."""
    return (
        _command(folder / "environment.sh", "Any program, unchanged"),
        _command(folder / "curl.sh", "curl"),
        _command(folder / "python.py", "Python", "pip install anthropic"),
        _command(folder / "javascript.mjs", "JavaScript", "npm install @anthropic-ai/sdk"),
    )


def _command(path: Path, title: str, needs: str = "") -> Command:
    text = path.read_text(encoding="utf-8").rstrip("\n")
    return Command(path.stem, title, text, LANGUAGES[path.suffix], needs)
