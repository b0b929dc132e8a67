"""The recorder's page: requests as they pass, and the one that plays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Complaints
from tests.e2e.test_every_page import violations
from tests.live.asking import TIMEOUT
from tests.recorder.recording import HEADERS, RecordingSite, body, recording_site


@pytest.fixture(scope="module")
def recorder(site: str) -> Iterator[RecordingSite]:
    """A site whose API is the simulator of another."""
    with recording_site(f"{site}/simulator") as running_:
        yield running_


@pytest.fixture
def opened(page: Page, recorder: RecordingSite, complaints: Complaints) -> Page:
    """The page with an empty list."""
    complaints.host = recorder.server.url.removeprefix("http://")
    httpx2.delete(f"{recorder.server.url}/recordings").raise_for_status()
    page.goto(f"{recorder.server.url}/record")
    expect(page.get_by_text("No request has passed yet.")).to_be_visible()
    # It has read the list once.
    expect(page.get_by_role("button", name="Clear the list")).to_be_disabled()
    return page


def requests(page: Page) -> Locator:
    return page.get_by_role("region", name="Requests").get_by_role("listitem")


def test_a_request_appears_plays_and_tells_of_itself(opened: Page, recorder: RecordingSite) -> None:
    with opened.expect_response("**/recordings.json?after=*"):
        pass
    recorder.post("/hello/slow;factor=0/v1/messages")
    request = requests(opened)
    expect(request).to_have_count(1)
    for words in (
        "POST /hello/",
        "HTTP 200",
        "end_turn",
        "first event",
        "tokens in",
        "$0.",
        "req_",
    ):
        expect(request).to_contain_text(words)
    expect(opened.locator("[data-part=status]")).to_have_text("Complete: end_turn")
    noticed = opened.get_by_role("region", name="What a client could notice")
    expect(noticed).to_contain_text("message_stop came, after end_turn")
    opened.get_by_role("link", name="Inspect this answer").click()
    expect(opened.get_by_role("heading", level=1)).to_contain_text("Inspect")
    expect(opened.locator("[data-part=status]")).to_have_text("Complete: end_turn")


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (768, "dark"), (1440, "light")])
def test_the_page_with_requests_is_accessible_and_fits(
    opened: Page, recorder: RecordingSite, width: int, theme: Any
) -> None:
    opened.set_viewport_size({"width": width, "height": 800})
    opened.emulate_media(color_scheme=theme)
    recorder.post("/v1/messages/count_tokens")
    recorder.post("/hello/slow;factor=0/v1/messages")
    expect(opened.locator("[data-part=status]")).to_have_text("Complete: end_turn")
    assert violations(opened, theme) == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


def test_retries_and_failures_are_told(opened: Page, recorder: RecordingSite) -> None:
    for _ in range(2):
        recorder.post("/hello/status;times=1/v1/messages", model="claude-opus-5-5")
    recorder.post("/v1/messages/count_tokens")
    expect(requests(opened)).to_have_count(3)
    count, second, first = (requests(opened).nth(number) for number in range(3))
    expect(first).to_contain_text("HTTP 529")
    expect(first).to_contain_text("overloaded_error")
    expect(second).to_contain_text("attempt 2 of the request of")
    expect(count).to_contain_text("tokens counted")


def test_a_request_of_before_is_played_with_the_keyboard_and_saved(
    opened: Page, recorder: RecordingSite
) -> None:
    opened.get_by_label("Play each one as it arrives").uncheck()
    recorder.post("/hello/slow;factor=0/v1/messages")
    play = opened.get_by_role("button", name="Play", exact=False).first
    expect(requests(opened)).to_have_count(1)
    expect(opened.locator("[data-part=status]")).to_have_text("Ready")
    play.focus()
    play.press("Enter")
    expect(opened.locator("[data-part=status]")).to_have_text("Complete: end_turn")
    with opened.expect_download() as download:
        opened.get_by_role("link", name="Save the .sse of").click()
    name = recorder.ended()["name"]
    assert download.value.suggested_filename == f"{name}.sse"
    assert download.value.path().read_bytes() == recorder.get(f"/recordings/{name}.sse").content
    opened.get_by_role("button", name="Clear the list").click()
    expect(requests(opened)).to_have_count(0)


def test_an_answer_in_flight_is_followed(opened: Page, recorder: RecordingSite) -> None:
    with httpx2.stream(
        "POST",
        f"{recorder.base}/hello/stall;at=9/v1/messages",
        json=body(),
        headers=HEADERS,
        timeout=TIMEOUT,
    ) as response:
        pieces = response.iter_raw()
        next(pieces)
        expect(requests(opened)).to_contain_text("Running")
        expect(opened.get_by_role("region", name="Text", exact=True)).to_contain_text("Hello")
    expect(requests(opened)).to_contain_text("The client left after")
    expect(opened.locator("[data-part=status]")).to_have_text("Stopped early: the client left")


def test_a_text_is_no_page(opened: Page, recorder: RecordingSite) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    # The simulator repeats what it is asked.
    recorder.post("/v1/messages", evil)
    expect(requests(opened)).to_contain_text(evil)
    expect(opened.get_by_role("region", name="Text", exact=True)).to_contain_text(evil)
    assert opened.locator("main img, main li script").count() == 0
