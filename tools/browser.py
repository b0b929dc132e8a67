"""Which browser the tests and the screenshots use, and how it is started.

A browser counts only when it launches: on some systems `chromium` is a stub that asks for a snap,
and a download of Playwright's may lack system libraries.

`python -m tools.browser` prints the path of one that launches, and installs one if there is none.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator

from tools.process import run

VARIABLE = "CHROMIUM"

# The shell has no windows. Another Chromium opens one for each test, with the menus and popups of a
# window, which costs most of a second of a processor.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

# Quiet and local: a browser under test looks for no updates, no accounts and no other hosts.
# No --disable-features: it would take the place of Playwright's own, because only the last counts.
LAUNCH_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium's sandbox refuses to work for root, which is who runs in most containers.
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]

# Debian's packages. What it recommends beside them is for a desktop: printers, notifications.
DEBIANS = ("chromium-headless-shell", "fonts-liberation")

WHAT_TO_INSTALL = (
    "a Chromium that launches: install Chromium or Chrome "
    f"(Debian: apt install {' '.join(DEBIANS)}), or set {VARIABLE} to the path of one"
)

_LAUNCH_SECONDS = 60
_INSTALL_SECONDS = 600


class NoBrowser(Exception):
    """No browser launches, and none could be installed. The message says what to install."""


def candidates() -> Iterator[str]:
    """Paths that may be a browser: the one asked for, installed ones, Playwright's own."""
    if named := os.environ.get(VARIABLE):
        yield named
    yield from filter(None, map(shutil.which, NAMES))
    own = run((*_THIS, "--own"), seconds=_LAUNCH_SECONDS)
    if own.ok:
        yield own.output.strip()


def launches(path: str) -> bool:
    """Whether Playwright can start the browser at `path` and open a page in it."""
    return run((*_THIS, "--launch", path), seconds=_LAUNCH_SECONDS).ok


def find() -> str | None:
    """The first candidate that launches; None when none does."""
    return next(filter(launches, candidates()), None)


def ensure() -> str:
    """Like find(), but installs a browser when there is none. Raises NoBrowser."""
    path = find()
    for command in () if path else _installs():
        print("Installing a browser:", " ".join(command), file=sys.stderr, flush=True)
        run(command, seconds=_INSTALL_SECONDS)
        path = find()
        if path:
            break
    if path is None:
        raise NoBrowser(WHAT_TO_INSTALL)
    return path


def _installs() -> Iterator[tuple[str, ...]]:
    """Commands that may bring a browser, the least intrusive one first."""
    yield (sys.executable, "-m", "playwright", "install", "chromium")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        # The package list of a fresh container is empty or old.
        yield ("apt-get", "update")
        yield ("apt-get", "install", "--yes", "--no-install-recommends", *DEBIANS)


# Playwright runs in a process of its own: its synchronous interface refuses to start beside the
# event loop of a test session, and a browser that hangs can be ended.
_THIS = (sys.executable, "-m", "tools.browser")


def _launch(path: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH_FLAGS)
        browser.new_page().goto("about:blank")
        browser.close()


def _own() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Print the path of a browser that launches.")
    parser.add_argument("--launch", metavar="PATH", help="only launch this one")
    parser.add_argument("--own", action="store_true", help="only print where Playwright keeps one")
    options = parser.parse_args(arguments)
    if options.launch:
        _launch(options.launch)
    elif options.own:
        print(_own())
    else:
        try:
            print(ensure())
        except NoBrowser as error:
            sys.exit(f"Missing: {error}.")


if __name__ == "__main__":
    main()
