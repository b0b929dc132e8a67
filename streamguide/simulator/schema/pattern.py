"""A text that matches a regular expression, for the `pattern` of a schema.

Written by hand because Python's `re` cannot tell what would match, and a library that reads its
parse tree makes texts of any length, in another order in every process.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable

# The characters that are tried for a class or an escape, the plainest first.
_CHARACTERS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.@/:+#!'\",;?=&%$*()\\\n\té中"
)
# One of each kind: what passwords and the like ask for by lookaheads.
_MIXED = "aA0-"
_LONGEST = 2000
_DEEPEST = 50
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_REPEAT = re.compile(r"\{(\d{1,6})(,(\d{0,6}))?\}")
_CODE = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,5})\}|c([A-Za-z])")
_GROUP = re.compile(r"\(\?(?:(?P<look><?[=!])|P?<(?P<name>\w{1,100})>|[a-zA-Z-]*:)")
_FLAGS = re.compile(r"\(\?[a-zA-Z]+\)")
_REFERENCE = re.compile(r"\\(?:(\d{1,2})|k<(\w{1,100})>)")
_CATEGORY = re.compile(r"\\([pP])\{(?:\w{1,30}=)?(\w{1,30})\}")


class PatternError(ValueError):
    """A pattern that no text is made for."""


def matching(pattern: str, variant: int = 0, more: int = 0) -> str:
    """A short text that the pattern, in the syntax of ECMAScript, is meant to match.

    `variant` chooses other branches and characters, and `more` adds repetitions where their
    number is open. Lookaheads and boundaries are passed over, so the text has to be judged.
    Takes linear time. Raises PatternError.
    """
    return _Reader(pattern, variant, more).text()


class _Reader:
    def __init__(self, pattern: str, variant: int, more: int) -> None:
        self._pattern = pattern
        self._variant = variant
        self._more = more
        self._place = 0
        self._made = 0
        self._groups: dict[str, str] = {}
        self._opened = 0

    def text(self) -> str:
        found = self._branches(0)
        if self._place < len(self._pattern):
            raise PatternError("unbalanced parenthesis")
        return found

    def _next(self, text: str) -> bool:
        """Step over `text` if it stands here."""
        if not self._pattern.startswith(text, self._place):
            return False
        self._place += len(text)
        return True

    def _match(self, wanted: re.Pattern[str]) -> re.Match[str] | None:
        """Step over what stands here, if it is wanted."""
        found = wanted.match(self._pattern, self._place)
        if found:
            self._place = found.end()
        return found

    def _branches(self, depth: int) -> str:
        if depth > _DEEPEST:
            raise PatternError("nested too deeply")
        found = [self._sequence(depth)]
        while self._next("|"):
            found.append(self._sequence(depth))
        return found[self._variant // 2 % len(found)]

    def _sequence(self, depth: int) -> str:
        parts: list[str] = []
        while self._place < len(self._pattern) and self._pattern[self._place] not in "|)":
            make = self._atom(depth)
            least, most = self._repeats()
            count = min(least + self._more, most) if most > least else least
            made = [make() for _ in range(self._charged(count))]
            parts += made
        return "".join(parts)

    def _charged(self, count: int) -> int:
        self._made += count
        if self._made > _LONGEST:
            raise PatternError(f"longer than {_LONGEST} characters")
        return count

    def _repeats(self) -> tuple[int, int]:
        """The least and the most of the quantifier that stands here."""
        least, most = 1, 1
        if found := self._match(_REPEAT):
            least = int(found[1])
            most = least if found[2] is None else int(found[3] or _LONGEST)
        elif self._next("*"):
            least, most = 0, _LONGEST
        elif self._next("+"):
            least, most = 1, _LONGEST
        elif self._next("?"):
            # Without it: an option is not repetition, which may be asked for.
            least, most = 0, 0
        else:
            return least, most
        _ = self._next("?") or self._next("+")
        return least, most

    def _atom(self, depth: int) -> Callable[[], str]:
        """What makes the text of the next part."""
        if self._next("^") or self._next("$") or self._match(_FLAGS):
            return lambda: ""
        if self._next("\\b") or self._next("\\B"):
            return lambda: ""
        if self._pattern[self._place] == "(":
            return self._group(depth)
        if self._pattern[self._place] == "[":
            return self._one_of(self._class())
        if self._next("."):
            return self._one_of(".")
        if self._pattern[self._place] == "\\":
            return self._escape()
        literal = self._pattern[self._place]
        self._place += 1
        return lambda: literal

    def _group(self, depth: int) -> Callable[[], str]:
        found = self._match(_GROUP)
        captured = found is None or found["name"] is not None
        if found is None:
            if self._pattern.startswith("(?", self._place):
                raise PatternError("an unknown group")
            self._place += 1
        if captured:
            self._opened += 1
        number = str(self._opened)
        text = self._branches(depth + 1)
        if not self._next(")"):
            raise PatternError("missing )")
        if found is not None and found["look"]:
            return lambda: ""
        if captured:
            self._groups[number] = text
            if found is not None:
                self._groups[found["name"]] = text

        def repeated() -> str:
            self._charged(len(text))
            return text

        return repeated

    def _class(self) -> str:
        """The class that stands here, as it is written."""
        start = self._place
        self._place += 2 if self._pattern.startswith("[^", start) else 1
        while self._place < len(self._pattern) and self._pattern[self._place] != "]":
            self._place += 2 if self._pattern[self._place] == "\\" else 1
        self._place += 1
        return self._pattern[start : self._place]

    def _escape(self) -> Callable[[], str]:
        if found := self._match(_REFERENCE):
            name = found[1] or found[2]
            if name == "0":
                return lambda: "\0"
            return lambda: self._groups.get(name, "")
        if found := self._match(_CATEGORY):
            return self._of_category(found[2], wanted=found[1] == "p")
        self._place += 1
        if found := self._match(_CODE):
            code = int(found[1] or found[2] or found[3], 16) if not found[4] else ord(found[4]) % 32
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                raise PatternError("no character")
            return lambda: chr(code)
        if self._place >= len(self._pattern):
            raise PatternError("a lone backslash")
        letter = self._pattern[self._place]
        self._place += 1
        if letter in "dDwWsS":
            return self._one_of(f"\\{letter}")
        return lambda: _CONTROL.get(letter, letter)

    def _of_category(self, name: str, *, wanted: bool) -> Callable[[], str]:
        # Only general categories: `L`, `Lu`, `N` and so on, by their first letters.
        fits = [one for one in _CHARACTERS if unicodedata.category(one).startswith(name) == wanted]
        return self._chosen(fits)

    def _one_of(self, written: str) -> Callable[[], str]:
        """A character that fits a class. Python reads it: one character takes no backtracking."""
        try:
            with warnings.catch_warnings(action="ignore"):
                fits = re.compile(written).fullmatch
        except re.error as error:
            raise PatternError(str(error)) from error
        return self._chosen([one for one in _CHARACTERS if fits(one)])

    def _chosen(self, fits: list[str]) -> Callable[[], str]:
        if not fits:
            raise PatternError("no plain character fits")
        mixed = [one for one in _MIXED if one in fits] or fits
        choices = fits if self._variant % 2 == 0 else mixed
        count = 0

        def choose() -> str:
            nonlocal count
            count += 1
            return choices[(count - 1) % len(choices)]

        return choose
