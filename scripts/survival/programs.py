"""The programs that are run: one for each choice that can matter to a fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from streamguide.generator.fault_matrix import key_of
from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import RECOVERY, Options, read
from streamguide.models import Models

# The least whole seconds, so that a measurement does not wait for long.
SILENCE = 2
MAX_TOKENS = 20_000


def distinct(models: Models) -> dict[str, Options]:
    """All of them by their key: what does not matter is as the form has it."""
    found: dict[str, Options] = {}
    for language in LANGUAGES:
        for options in _of(read({"language": [language]}, models)):
            found.setdefault(key_of(options), options)
    return found


def untouched(models: Models) -> dict[str, Options]:
    """A program of each language with nothing chosen, its limit on silence least of all."""
    chosen = {name: read({"language": [name]}, models) for name in LANGUAGES}
    return {name: replace(one, max_tokens=MAX_TOKENS) for name, one in chosen.items()}


def _of(plain: Options) -> Iterator[Options]:
    plain = replace(plain, silence_timeout=SILENCE, max_tokens=MAX_TOKENS)
    tools = (False,) if plain.language == "curl" or plain.is_relay else (False, True)
    for stream in (True,) if plain.is_relay else (True, False):
        for tool in tools:
            for breaker in (False, True) if tool or plain.is_relay else (False,):
                for recovery in RECOVERY:
                    yield replace(
                        plain, stream=stream, tool=tool, breaker=breaker, recovery=recovery
                    )
