"""`make fresh`: compares the site with the newest releases, and its models with the date.

It ends with 1 if a table differs from what an SDK knows, or has a model whose end of life nobody
has noted. CONTRIBUTING.md says what to do with each line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from streamguide.files import CONTENT
from streamguide.models import Models, load
from tools.fresh import python_sdk
from tools.fresh.dates import (
    age,
    ended_unnoticed,
    ending_soon,
    measured_long_ago,
    named_though_ended,
)
from tools.fresh.newest import REGISTRIES, NotAsked, Pin, Registry


def main() -> None:
    """Report for today, and end with 1 if something differs."""
    models = load(CONTENT / "models.toml")
    sys.exit(report(models, datetime.now(UTC).date(), CONTENT, REGISTRIES))


def report(models: Models, today: date, content: Path, registries: Iterable[Registry]) -> int:
    """Print everything, and return the exit status."""
    wrong = set(show_dates(models, today, content))
    for registry in registries:
        with TemporaryDirectory() as aside:
            try:
                wrong |= set(show_sdk(registry, Path(aside)))
                show_behind("Pins", registry, registry.pins(), Path(aside))
                clients = Path(aside) / "clients"
                clients.mkdir()
                show_behind("Clients", registry, registry.clients(), clients)
            except NotAsked as error:
                show(str(error))
    show(f"To change in the tables: {len(wrong)}")
    return int(bool(wrong))


def show_dates(models: Models, today: date, content: Path) -> list[str]:
    """Print what needs no registry, and return the lines that are wrong and not only due."""
    ended = [
        f'set status = "retired" for {id_} in content/models.toml: its life has ended'
        for id_ in ended_unnoticed(models, today)
    ]
    show(
        f"Models on {today}",
        *ended,
        *ending_soon(models, today),
        *named_though_ended(models, today, content),
        age(models, today),
        *measured_long_ago(content / "clients.json", today),
    )
    return ended


def show_sdk(registry: Registry, aside: Path) -> tuple[str, ...]:
    """Print how the tables differ from a registry's SDK, and return it."""
    pinned = next(pin.version for pin in registry.pins() if pin.name == registry.sdk)
    release = registry.release(aside)
    show(
        f"{registry.sdk} {release.version}, pinned {pinned}",
        f"compared: {registry.compared}",
        *(release.differences or ("no table differs",)),
    )
    if release.codes:
        show_codes(release.codes, python_sdk.error_codes())
    return release.differences


def show_behind(what: str, registry: Registry, pins: list[Pin], aside: Path) -> None:
    """Print which of the versions are behind."""
    newest = registry.newest(aside, pins) if pins else {}
    behind = [pin for pin in pins if newest.get(pin.name, pin.version) != pin.version]
    show(
        f"{what} behind {registry.name}: {len(behind)} of {len(pins)}",
        *(f"{pin.file}: {pin.name} {pin.version}, newest {newest[pin.name]}" for pin in behind),
    )


def show_codes(newest: Iterable[str], pinned: Iterable[str]) -> None:
    """Print which error codes are new and which are gone: no table lists them, but a page may name one."""
    newest, pinned = set(newest), set(pinned)
    changes = (("new", newest - pinned), ("gone", pinned - newest))
    show(
        "Error codes (in no table)",
        *(f"{what}: {', '.join(sorted(codes)) or 'none'}" for what, codes in changes),
    )


def show(title: str, *lines: str) -> None:
    """Print a title, and lines below it."""
    print(title, *(f"  {line}" for line in lines), sep="\n", flush=True)


if __name__ == "__main__":
    main()
