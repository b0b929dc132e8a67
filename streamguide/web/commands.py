"""The commands of the simulator's page: files of `content/commands/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamguide.files import CONTENT
from streamguide.guide import highlight
from streamguide.guide.programs import LANGUAGES

# The address and the key in the files. The page replaces both.
BASE_URL = "http://127.0.0.1:8000/simulator/hello"
KEY = "any-key"
# Until the script has a key of the page's own. It is as long, so that the text after it stays.
PAGE_KEY = "any-key-will-do-since-the-simulator-takes-all"


@dataclass(frozen=True, slots=True)
class Command:
    """A program that uses a base URL. `needs` is the shell command that installs what it needs."""

    name: str
    title: str
    text: str
    language: str
    needs: str = ""

    def html(self, base_url: str, key: str = PAGE_KEY) -> str:
        """The highlighted text with this base URL in it, and this key."""
        text = self.text.replace(BASE_URL, base_url).replace(KEY, key)
        return highlight.code(text, self.language)


def load_commands(folder: Path = CONTENT / "commands") -> tuple[Command, ...]:
    """All commands in the order of the page."""
    return (
        _command(folder / "environment.sh", "Any program, unchanged"),
        _command(folder / "curl.sh", "curl"),
        _command(folder / "python.py", "Python", "pip install anthropic"),
        _command(folder / "javascript.mjs", "JavaScript", "npm install @anthropic-ai/sdk"),
    )


def _command(path: Path, title: str, needs: str = "") -> Command:
    text = path.read_text(encoding="utf-8").rstrip("\n")
    return Command(path.stem, title, text, LANGUAGES[path.suffix], needs)
