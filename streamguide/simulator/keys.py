"""Keys that the simulator's page gives out: only their own requests' bodies are kept in public."""

from __future__ import annotations

import re
import secrets

_PREFIX = "sk-simulator-"
_RANDOM_BYTES = 16
_ISSUED = re.compile(f"{_PREFIX}[0-9a-f]{{{2 * _RANDOM_BYTES}}}")


def issue() -> str:
    """A new key. Nobody can guess it, and no page prints it for others."""
    return _PREFIX + secrets.token_hex(_RANDOM_BYTES)


def is_issued(key: str) -> bool:
    """Whether the key is such a one, of whichever process of the site."""
    return _ISSUED.fullmatch(key) is not None
