"""Reading a request's body without waiting for ever."""

from __future__ import annotations

from typing import IO

import gevent

from streamguide.protocol.refusal import Refusal, invalid
from streamguide.settings import LiveSettings

# A prompt of the largest size takes a second on a slow line.
_MOST_SECONDS = 10.0
# A character is at most 12 bytes of JSON (two \\u escapes), and the rest of a request is short.
_BYTES_A_CHARACTER = 12
_BYTES_BESIDE = 65_536


def read_body(stream: IO[bytes], length: int | None, settings: LiveSettings) -> bytes:
    """The whole body; `length` is what its header says. Raises Refusal."""
    most = settings.prompt_characters * _BYTES_A_CHARACTER + _BYTES_BESIDE
    if (length or 0) > most:
        raise _too_large(most)
    try:
        with gevent.Timeout(_MOST_SECONDS):
            body = stream.read(most + 1)
    except gevent.Timeout:
        raise Refusal(
            408, "timeout_error", f"The request's body did not come within {_MOST_SECONDS:g} s."
        ) from None
    except Exception as error:
        # Cut, or framed wrongly: each server has an error of its own for it.
        raise invalid("The request's body ended early or cannot be read") from error
    if len(body) > most:
        raise _too_large(most)
    return body


def _too_large(most: int) -> Refusal:
    return Refusal(413, "request_too_large", f"The request has over {most:,} bytes.")
