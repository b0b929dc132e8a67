"""Keys that the simulator's page gives out: only their own requests' bodies are kept in public."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_PREFIX = "sk-simulator-"
_RANDOM_BYTES = 9
_SIGNATURE_CHARACTERS = 12


class Keys:
    """Makes keys, and knows its own again without keeping any. A restart ends them all."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)

    def issue(self) -> str:
        """A new key."""
        random = secrets.token_hex(_RANDOM_BYTES)
        return f"{_PREFIX}{random}-{self._sign(random)}"

    def issued(self, key: str) -> bool:
        """Whether the key is one of these."""
        random, _, signature = key.removeprefix(_PREFIX).partition("-")
        # Bytes, because text that is not ASCII cannot be compared this way.
        return hmac.compare_digest(signature.encode(), self._sign(random).encode())

    def _sign(self, random: str) -> str:
        digest = hmac.new(self._secret, random.encode(), hashlib.sha256).hexdigest()
        return digest[:_SIGNATURE_CHARACTERS]
