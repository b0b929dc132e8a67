"""The recordings of this process: in memory within bounds, and in a folder if there is one.

In the folder nothing is deleted or overwritten: where it is full, recordings stay in memory.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from streamguide.models import Models
from streamguide.recorder.exchange import Exchange, How, Sent, about_request
from streamguide.settings import Settings

_log = logging.getLogger(__name__)

# The same request after a longer time is no retry of a failed one.
_RETRY_SECONDS = 600
# The file that describes a recording may have 1 MB, with its pieces and the request's texts.
_MOST_TEXTS = 512 * 1024


class Recordings:
    """Keeps exchanges by name, the oldest first.

    `clock` is monotonic, in seconds; `now` returns seconds since 1970. `problem` says in a sentence
    why the folder has not got all of them; "" if it has, or there is no folder.
    """

    def __init__(
        self,
        settings: Settings,
        models: Callable[[], Models],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._models = models
        self._clock = clock
        self._now = now
        self._folder = Path(settings.recordings) if settings.recordings else None
        self._kept: OrderedDict[str, Exchange] = OrderedDict()
        self._bytes = 0
        self._number = 0
        self.serial = 0
        self.problem = ""

    def begin(self, sent: Sent) -> Exchange:
        """Keep a request; what is kept of its answer is added later."""
        self._number += 1
        at = self._now()
        name = f"{time.strftime('%Y-%m-%d-%H%M%S', time.gmtime(at))}-{self._number}"
        asked = sent.asked
        before = self._before(asked, sent.headers.get("x-stainless-retry-count", ""))
        exchange = Exchange(
            name,
            round(at, 3),
            about_request(sent, bool(self._settings.record_texts), _MOST_TEXTS),
            before.first if before else name,
            before.attempt + 1 if before else 1,
            asked,
            self._clock,
        )
        exchange.started = self._clock()
        exchange.guard(sent.keys)
        self._kept[name] = exchange
        self.changed(exchange)
        self._forget()
        return exchange

    def receive(self, exchange: Exchange, data: bytes) -> None:
        """Add bytes to an answer."""
        self._bytes += exchange.receive(data, self._settings.record_bytes)
        self.changed(exchange)
        self._forget()

    def end(self, exchange: Exchange, how: How) -> None:
        """An answer ended: write it to the folder. Later calls change nothing."""
        if exchange.end(how):
            if self._folder is not None and exchange.can_be_played and exchange.name in self._kept:
                self._save(self._folder, exchange)
            self.changed(exchange)

    def changed(self, exchange: Exchange) -> None:
        """Note that there is something new about it."""
        self.serial += 1
        exchange.serial = self.serial

    def find(self, name: str) -> Exchange | None:
        """The exchange with a name."""
        return self._kept.get(name)

    def clear(self) -> None:
        """Forget all that ended. Files stay."""
        for name, exchange in list(self._kept.items()):
            if exchange.ended is not None:
                self._drop(name)
        self.serial += 1

    def as_json(self, after: int) -> dict[str, Any]:
        """What the page shows: all names, and those exchanges that changed since a serial number."""
        models = self._models()
        return {
            "serial": self.serial,
            "names": list(self._kept),
            "requests": [one.as_json(models) for one in self._kept.values() if one.serial > after],
            "problem": self.problem,
        }

    def _before(self, asked: str, retry_count: str) -> Exchange | None:
        """The request of which one with this hash is a retry."""
        for exchange in reversed(self._kept.values()):
            if exchange.asked == asked:
                is_whole = exchange.ended == "complete" and 200 <= exchange.status < 300
                is_old = self._clock() - exchange.started > _RETRY_SECONDS
                is_told = retry_count not in ("", "0")
                return exchange if is_told or not (is_whole or is_old) else None
        return None

    def _forget(self) -> None:
        """Drop the oldest over the limits; the one that is the newest only loses its bytes."""
        settings = self._settings
        while len(self._kept) > settings.record_most or (
            self._bytes > settings.record_total_bytes and len(self._kept) > 1
        ):
            self._drop(next(iter(self._kept)))
        if self._bytes > settings.record_total_bytes:
            newest = next(reversed(self._kept.values()))
            self._bytes -= newest.kept
            newest.forget(
                f"All recordings together have more than {settings.record_total_bytes:,} bytes, so "
                "this one is not kept."
            )

    def _drop(self, name: str) -> None:
        exchange = self._kept.pop(name)
        self._bytes -= exchange.kept
        # It may be in flight.
        exchange.forget("")

    def _save(self, folder: Path, exchange: Exchange) -> None:
        """Write it to the folder. A problem is told and logged, and is no error."""
        body = exchange.body()
        description = json.dumps(exchange.description()).encode()
        try:
            self.problem = self._is_full(folder, len(body) + len(description))
            if not self.problem:
                _write(folder, exchange.name, body, description)
                exchange.saved = True
        except OSError as error:
            self.problem = f"RECORDINGS: {folder} cannot be written: {error.strerror}."
        if self.problem:
            self.problem += " What passes is kept in memory only."
            _log.warning("%s %s", exchange.name, self.problem)

    def _is_full(self, folder: Path, more: int) -> str:
        files = [one.stat() for one in folder.iterdir() if one.suffix in (".sse", ".json")]
        most, most_bytes = 2 * self._settings.record_most, self._settings.record_total_bytes
        if len(files) >= most:
            return f"RECORDINGS: {folder} has {most // 2} recordings, which is all that RECORD_MOST allows."
        if sum(one.st_size for one in files) + more > most_bytes:
            return f"RECORDINGS: {folder} has as many bytes as RECORD_TOTAL_BYTES allows."
        return ""


def _write(folder: Path, name: str, body: bytes, description: bytes) -> None:
    """Write both files, or none. Raises OSError, also if one exists."""
    parts = {f"{name}.sse": body, f"{name}.json": description}
    made: list[Path] = []
    try:
        for file, data in parts.items():
            # Hidden until it is whole: the simulator leaves hidden files out.
            path = folder / f".{file}"
            made.append(path)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(path, flags, 0o600), "wb") as writer:
                writer.write(data)
        for file in parts:
            # Unlike a rename, a link replaces no file.
            os.link(folder / f".{file}", folder / file)
            made.append(folder / file)
    except OSError:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise
    for file in parts:
        with suppress(OSError):
            (folder / f".{file}").unlink()
