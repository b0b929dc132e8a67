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

from tools.process import Missing, install, install_from_debian, print_path, run

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

DEBIANS = ("chromium-headless-shell", "fonts-liberation")

WHAT_TO_INSTALL = (
    "a Chromium that launches: install Chromium or Chrome "
    f"(Debian: apt install {' '.join(DEBIANS)}), or set {VARIABLE} to the path of one"
)

_LAUNCH_SECONDS = 60


def candidates() -> Iterator[str]:
    """Paths that may be a browser: the one asked for, and installed ones; "" is Playwright's own."""
    if named := os.environ.get(VARIABLE):
        yield named
    yield from filter(None, map(shutil.which, NAMES))
    yield ""


def launched(path: str) -> str | None:
    """The path of a browser if Playwright can start it and open a page in it."""
    # In a process of its own: Playwright's synchronous interface refuses to start beside the event
    # loop of a test session, and a browser that hangs can be ended.
    command = (sys.executable, "-m", "tools.browser", "--launch", path)
    ended = run(command, seconds=_LAUNCH_SECONDS)
    return ended.output.splitlines()[-1] if ended.ok else None


def find() -> str | None:
    """The first candidate that launches; None when none does."""
    return next(filter(None, map(launched, candidates())), None)


def ensure() -> str:
    """Like find(), but installs a browser when there is none. Raises Missing."""
    if path := find():
        return path
    install("Chromium", (sys.executable, "-m", "playwright", "install", "chromium"))
    if path := find():
        return path
    install_from_debian(DEBIANS)
    if path := find():
        return path
    raise Missing(WHAT_TO_INSTALL)


def _launch(path: str) -> None:
    """Launch a browser, and print its path."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = path or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH_FLAGS)
        browser.new_page().goto("about:blank")
        browser.close()
    print(path)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Print the path of a browser that launches.")
    parser.add_argument("--launch", metavar="PATH", help="launch only this one")
    options = parser.parse_args(arguments)
    if options.launch is None:
        print_path(ensure)
    else:
        _launch(options.launch)


if __name__ == "__main__":
    main()
