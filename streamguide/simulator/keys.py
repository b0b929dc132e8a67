"""The keys that the simulator's page issues. On a public site only their bodies are kept."""

from __future__ import annotations

import re
import secrets

_PREFIX = "sk-simulator-"
_RANDOM_BYTES = 16
_ISSUED = re.compile(f"{_PREFIX}[0-9a-f]{{{2 * _RANDOM_BYTES}}}")


def issue() -> str:
    """A new random key."""
    return _PREFIX + secrets.token_hex(_RANDOM_BYTES)


def is_issued(key: str) -> bool:
    """Whether the key has the form of an issued one, of any process."""
    return _ISSUED.fullmatch(key) is not None
