"""The simulator's page: choosing, running, and seeing what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from streamguide.content import load_content
from streamguide.web.simulator_page import IN_OUTCOMES
from tests.e2e.conftest import Complaints
from tests.e2e.simulator_page import SimulatorPage
from tests.e2e.test_demo import text_of
from tests.e2e.test_every_page import SHIFTS, violations

ROOT = Path(__file__).parents[2]
LIBRARY = load_content()
OTHERS = [one for one in LIBRARY.clients.clients if one.name not in IN_OUTCOMES]
HELLO = text_of(LIBRARY.scenarios["hello"])
# What Chromium says of failures that are the purpose of these tests.
EXPECTED = ("ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "status of 529")


@pytest.fixture
def simulator(page: Page, complaints: Complaints) -> SimulatorPage:
    complaints.expected = EXPECTED
    return SimulatorPage(page)


def test_a_setting_is_run_and_its_stream_shown_with_its_bytes(simulator: SimulatorPage) -> None:
    simulator.open("slow;factor=0")
    simulator.run_to_end()
    expect(simulator.status).to_have_text("Complete: end_turn")
    assert simulator.answer.inner_text() == HELLO
    assert simulator.noted() == ["Complete: message_stop came, after end_turn."]
    expect(simulator.noticed).to_contain_text("HTTP 200, text/event-stream:")
    simulator.events.press("End")
    simulator.events.press("Enter")
    detail = simulator.page.get_by_role("region", name="The chosen event")
    expect(detail).to_contain_text("message_stop")


@pytest.mark.parametrize(
    ("fault", "status", "noted"),
    [
        # With time to read: what has not been read when the connection breaks is lost.
        (
            "pace;seconds=0.5+drop;at=9",
            "Stopped early: connection cut",
            "The connection broke after event 8.",
        ),
        ("slow;factor=0+end-early", "Stopped early: no message_stop", "Ended without message_stop"),
        ("error-event;at=1", "Stopped early: overloaded_error", "Error event: overloaded_error"),
        ("status", "HTTP 529: overloaded_error", "HTTP 529 before a stream"),
        ("no-response", "Stopped early: no answer", "Network error: The request failed"),
        ("not-sse;how=html", "Stopped early: no event stream", "Not an event stream"),
        ("slow;factor=0+garble;at=9", "Stopped early: unreadable event", "No object"),
        ("slow;factor=0+unknown", "Complete: end_turn", "future_event, future_delta"),
    ],
)
def test_each_kind_of_end_is_noticed(
    simulator: SimulatorPage, fault: str, status: str, noted: str
) -> None:
    simulator.open(fault)
    simulator.run_to_end()
    expect(simulator.status).to_have_text(status)
    assert any(noted in one for one in simulator.noted()), simulator.noted()


def test_the_body_of_an_error_stands_in_place_of_the_text(simulator: SimulatorPage) -> None:
    simulator.open("status")
    simulator.run_to_end()
    expect(simulator.answer).to_contain_text("HTTP 529, application/json")
    expect(simulator.answer).to_contain_text('"type": "overloaded_error"')


def test_a_fault_is_chosen_with_parameters_that_change_url_commands_and_address(
    simulator: SimulatorPage, base_url: str
) -> None:
    simulator.open()
    expect(simulator.base_url).to_have_text(f"{base_url}/simulator/hello")
    simulator.choose("The connection breaks")
    expect(
        simulator.page.get_by_text("The connection is closed before an event").first
    ).to_be_visible()
    simulator.parameter("at").fill("9")
    simulator.parameter("how").select_option("reset")
    expected = f"{base_url}/simulator/hello/drop;at=9;how=reset"
    expect(simulator.base_url).to_have_text(expected)
    for name in ("Any program, unchanged", "curl", "Python", "JavaScript"):
        expect(simulator.command(name)).to_contain_text(expected)
    query = simulator.page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    assert query == {"scenario": "hello", "fault": "drop;at=9;how=reset"}
    simulator.page.reload()
    expect(simulator.base_url).to_have_text(expected)
    expect(simulator.parameter("at")).to_have_value("9")
    expect(simulator.parameter("how")).to_have_value("reset")


def test_faults_can_be_joined_and_taken_away_again(simulator: SimulatorPage) -> None:
    simulator.open()
    expect(simulator.add).to_be_hidden()
    simulator.choose("Another pace")
    simulator.parameter("factor").fill("0")
    simulator.add.click()
    expect(simulator.faults.nth(1)).to_be_focused()
    simulator.faults.nth(1).select_option("The connection breaks")
    expect(simulator.base_url).to_contain_text("/hello/slow;factor=0+drop")
    simulator.page.reload()
    expect(simulator.faults).to_have_count(2)
    expect(simulator.base_url).to_contain_text("/hello/slow;factor=0+drop")
    simulator.page.get_by_role("button", name="Remove").last.click()
    expect(simulator.faults).to_have_count(1)
    expect(simulator.base_url).to_contain_text("/hello/slow;factor=0")


def test_a_value_that_cannot_be_had_is_said_and_not_used(simulator: SimulatorPage) -> None:
    simulator.open("drop;at=9")
    at = simulator.parameter("at")
    at.fill("0")
    expect(at).to_have_attribute("aria-invalid", "true")
    expect(at).to_have_accessible_description(
        "It takes a whole number from 1 to 100000. The number of the event, from 1; beyond the end "
        "it is the last. The middle of the stream if not given."
    )
    expect(simulator.base_url).to_contain_text("drop;at=9")
    simulator.run.click()
    expect(simulator.status).to_have_text("Ready")
    at.fill("4")
    expect(at).to_have_attribute("aria-invalid", "false")
    expect(simulator.base_url).to_contain_text("drop;at=4")


def test_stop_aborts_the_request_and_keeps_what_came(simulator: SimulatorPage) -> None:
    simulator.open("slow;factor=0+stall;at=9;seconds=60")
    expect(simulator.stop).to_be_disabled()
    simulator.run.click()
    expect(simulator.status).to_have_text("Waiting")
    expect(simulator.position).to_be_disabled()
    expect(simulator.page.get_by_text("8 events so far")).to_be_visible()
    simulator.stop.click()
    expect(simulator.status).to_have_text("Stopped early: you stopped it")
    assert simulator.noted()[0] == "You stopped it: The request was aborted after event 8."
    assert HELLO.startswith(simulator.answer.inner_text())
    expect(simulator.stop).to_be_disabled()
    expect(simulator.position).to_be_enabled()
    expect(simulator.requests.first).to_contain_text("The client left after")


def test_what_ran_can_be_run_again_with_another_setting(simulator: SimulatorPage) -> None:
    simulator.open("status")
    simulator.run_to_end()
    simulator.choose("A byte order mark first")
    simulator.add.click()
    simulator.faults.nth(1).select_option("Another pace")
    simulator.parameter("factor").fill("0")
    simulator.again.click()
    expect(simulator.status).to_have_text("Complete: end_turn")
    assert simulator.answer.inner_text() == HELLO


def ask(url: str, key: str, **headers: str) -> httpx2.Response:
    """A request as curl sends it."""
    body = {
        "model": "claude-opus-5-5",
        "max_tokens": 64,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    headers = {"x-api-key": key, "anthropic-version": "2026-10-21", **headers}
    return httpx2.post(f"{url}/v1/messages", json=body, headers=headers)


def test_requests_with_the_pages_key_appear_by_themselves_and_are_announced(
    simulator: SimulatorPage, base_url: str
) -> None:
    simulator.open()
    note = "No request has come yet."
    expect(simulator.page.get_by_text(note)).to_be_visible()
    ask(f"{base_url}/simulator/hello/status", simulator.key, **{"user-agent": "curl/8.5.0"})
    row = simulator.requests.first
    expect(row).to_contain_text("curl 8.5.0", timeout=10_000)
    expect(row).to_contain_text("POST hello/status/v1/messages")
    expect(row).to_contain_text("529")
    expect(row).to_contain_text("Complete after")
    expect(simulator.page.get_by_text(note)).to_be_hidden()
    expect(simulator.page.get_by_text("New request: curl 8.5.0, hello/status")).to_be_attached()
    ask(f"{base_url}/simulator/hello/status", "another key")
    ask(f"{base_url}/simulator/hello/status;code=400", simulator.key)
    expect(simulator.requests).to_have_count(2, timeout=10_000)
    expect(simulator.requests.first).to_contain_text("400")


def test_what_the_requests_show_about_the_client_is_told_beside_them(
    simulator: SimulatorPage, base_url: str
) -> None:
    simulator.open()
    heading = simulator.page.get_by_role("heading", name="What these requests show")
    expect(heading).to_be_hidden()
    for _ in range(2):
        ask(f"{base_url}/simulator/hello/status;code=400", simulator.key)
    expect(heading).to_be_visible(timeout=10_000)
    rule = simulator.page.get_by_role("listitem").filter(has_text="What cannot succeed")
    expect(rule).to_contain_text("failed.HTTP 400 was asked again, and can only fail again.")
    other = simulator.page.get_by_role("listitem").filter(has_text="Waits grow")
    expect(other).to_contain_text("not met.Of 3 waits")


def test_the_page_asks_for_nothing_while_nobody_sees_it(simulator: SimulatorPage) -> None:
    simulator.page.clock.install()
    asked: list[str] = []
    simulator.page.on("request", lambda request: asked.append(request.url))
    simulator.open()
    expect(simulator.page.get_by_text("No request has come yet.")).to_be_visible()
    hide = """(state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    with simulator.page.expect_response("**/journal.json?bodies=0"):
        simulator.page.clock.run_for(2_100)
    simulator.page.evaluate(hide, "hidden")
    asked.clear()
    simulator.page.clock.run_for(60_000)
    assert asked == []
    with simulator.page.expect_response("**/journal.json?bodies=0"):
        simulator.page.evaluate(hide, "visible")


def test_a_site_of_several_processes_says_that_it_has_no_journal(
    simulator: SimulatorPage, complaints: Complaints
) -> None:
    complaints.expected = ("status of 503",)
    message = "The journal needs a single process, and this site runs in several."
    body = {"type": "error", "error": {"type": "api_error", "message": message}}
    simulator.page.route(
        "**/journal.json?bodies=0", lambda route: route.fulfill(status=503, json=body)
    )
    simulator.open("slow;factor=0")
    expect(simulator.page.get_by_text(message)).to_be_visible()
    simulator.run_to_end()
    expect(simulator.status).to_have_text("Complete: end_turn")


def test_a_player_that_cannot_be_loaded_says_so_and_can_be_tried_again(
    simulator: SimulatorPage, complaints: Complaints
) -> None:
    complaints.expected = ("status of 500",)
    simulator.page.route("**/protocol.json", lambda route: route.fulfill(status=500))
    simulator.open("slow;factor=0")
    simulator.run.click()
    expect(simulator.status).to_have_text("The player could not start")
    expect(simulator.noticed).to_contain_text("Run it again to retry.")
    simulator.page.unroute("**/protocol.json")
    simulator.run_to_end()
    expect(simulator.status).to_have_text("Complete: end_turn")


def test_what_the_sdks_do_is_shown_for_the_chosen_fault(simulator: SimulatorPage) -> None:
    simulator.open()
    expect(simulator.outcomes).to_be_hidden()
    simulator.choose("A clean end that comes too early")
    rows = simulator.outcomes.locator("tbody tr")
    measured = LIBRARY.outcomes.of("end-early")
    alone = [one for one in measured if one.fault == "end-early"]
    expect(rows).to_have_count(len(alone))
    for row, outcome in zip(rows.all(), alone, strict=True):
        expect(row).to_contain_text(outcome.version)
        expect(row).to_contain_text(outcome.raised or "None")
        expect(row).to_contain_text(f"{outcome.text_kept} of {LIBRARY.outcomes.characters}")
    simulator.choose("No fault")
    expect(simulator.outcomes).to_be_hidden()


def test_what_other_clients_do_is_shown_where_it_was_measured(simulator: SimulatorPage) -> None:
    others = simulator.page.get_by_role("listitem").filter(has_text="Vercel AI SDK")
    simulator.open("error-event")
    expect(others).to_have_text("Vercel AI SDK ✕ only onError")
    expect(others.locator("..").get_by_role("listitem")).to_have_count(len(OTHERS))
    simulator.choose("A clean end that comes too early")
    expect(others).to_have_text("Vercel AI SDK ✕ only finishReason")
    simulator.choose("A tool call that cannot be run")
    expect(simulator.outcomes).to_be_visible()
    expect(others).to_be_hidden()


def test_without_measured_outcomes_their_section_stays_away(
    simulator: SimulatorPage, complaints: Complaints
) -> None:
    complaints.expected = ("status of 404",)
    simulator.page.route("**/outcomes.json", lambda route: route.fulfill(status=404))
    simulator.open("drop")
    simulator.choose("Broken JSON")
    expect(simulator.base_url).to_contain_text("garble")
    expect(simulator.outcomes).to_be_hidden()


def test_a_command_is_copied_whole(
    simulator: SimulatorPage, browser: Browser, base_url: str
) -> None:
    context = browser.new_context(
        base_url=base_url, permissions=["clipboard-read", "clipboard-write"]
    )
    other = SimulatorPage(context.new_page())
    other.open("drop;at=9")
    for index, name in enumerate(("Base URL", "Any program, unchanged", "curl")):
        other.page.get_by_role("button", name="Copy").nth(index).click()
        expect(other.page.get_by_role("button", name="Copied")).to_be_visible()
        copied = other.page.evaluate("navigator.clipboard.readText()")
        assert copied == other.command(name).locator("code").text_content()
        expect(other.page.get_by_role("button", name="Copied")).to_be_hidden()
    context.close()


INTERPRETERS = {
    "curl": ("bash", "-s"),
    "Python": (sys.executable, "-"),
    "JavaScript": ("node", "--input-type=module", "-"),
}


def run_command(program: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the page as a visitor would who has none of our settings."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")
    }
    return subprocess.run(
        command,
        input=program,
        # Where the JavaScript SDK is installed.
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", INTERPRETERS)
def test_each_command_does_what_it_says_and_appears_on_the_page(
    simulator: SimulatorPage, name: str
) -> None:
    simulator.open("slow;factor=0+many-pings")
    program = simulator.command(name).locator("code").text_content() or ""
    ended = run_command(program, *INTERPRETERS[name])
    assert ended.returncode == 0, ended.stderr
    if name == "curl":
        assert ended.stdout.startswith("event: message_start\ndata: ")
        assert ended.stdout.count("event: ping") > 10
        assert "event: message_stop" in ended.stdout
    else:
        assert ended.stdout == f"{HELLO}\nend_turn\n"
    client = name if name == "curl" else f"{name} SDK"
    expect(simulator.requests.first).to_contain_text(client, timeout=10_000)
    expect(simulator.requests.first).to_contain_text("Complete after")


def test_the_environment_sends_an_unchanged_program_here(simulator: SimulatorPage) -> None:
    simulator.open("slow;factor=0+many-pings")
    block = simulator.command("Any program, unchanged")
    exports = block.locator("code").text_content() or ""
    program = (
        "import anthropic\n"
        "client = anthropic.Anthropic()\n"
        "message = dict(model='claude-opus-5-5', max_tokens=999,"
        " messages=[{'role': 'user', 'content': 'Hello'}])\n"
        "with client.messages.stream(**message) as stream:\n"
        "    print(stream.get_final_text())\n"
    )
    ended = run_command(f"{exports}\n{sys.executable} - <<'E'\n{program}E\n", "bash", "-s")
    assert (ended.returncode, ended.stdout) == (0, f"{HELLO}\n"), ended.stderr


def test_without_javascript_the_form_leads_to_base_url_and_commands(
    browser: Browser, base_url: str
) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    simulator = SimulatorPage(context.new_page())
    simulator.page.goto("/simulator")
    expect(simulator.run).to_have_count(0)
    simulator.scenario.select_option("One tool call")
    simulator.choose("The connection breaks")
    simulator.page.get_by_role("button", name="Show the base URL").click()
    simulator.parameter("at").fill("9")
    simulator.page.get_by_role("button", name="Show the base URL").click()
    expect(simulator.base_url).to_contain_text("/simulator/tool-use/drop;at=9")
    for name in ("Any program, unchanged", "curl", "Python", "JavaScript"):
        expect(simulator.command(name)).to_contain_text("/simulator/tool-use/drop;at=9")
        expect(simulator.command(name)).to_contain_text("any-key")
    expect(simulator.page.get_by_text("Cut inside the event").last).to_be_visible()
    expect(simulator.page.get_by_role("heading", name="All scenarios")).to_be_visible()
    context.close()


def test_the_page_can_be_used_with_the_keyboard_alone(simulator: SimulatorPage) -> None:
    simulator.open()
    keyboard = simulator.page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if simulator.page.evaluate("(s) => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    tab_to("[data-part=scenario]")
    tab_to("[data-part=fault-name]")
    keyboard.type("Another pace")
    tab_to("[name=factor]")
    keyboard.press("Control+a")
    keyboard.type("0.5")
    expect(simulator.base_url).to_contain_text("/hello/slow;factor=0.5")
    tab_to("[data-part=add]")
    keyboard.press("Enter")
    keyboard.type("The connection breaks")
    tab_to("[data-part=run]")
    keyboard.press("Enter")
    expect(simulator.status).to_have_text("Stopped early: connection cut")
    tab_to("[data-part=position]")
    keyboard.press("Home")
    expect(simulator.page.get_by_text("0 of ")).to_be_visible()
    keyboard.press("End")
    tab_to("[data-part=answer]")
    tab_to("[data-part=events]")
    keyboard.press("End")
    keyboard.press("Enter")
    tab_to("[data-part=noticed]")
    tab_to("#command-curl button")
    tab_to("[data-part=journal]")
    tab_to("[data-part=outcomes-table]")


def test_the_status_is_announced_politely(simulator: SimulatorPage) -> None:
    simulator.open("drop;at=9")
    simulator.run_to_end()
    announcer = simulator.page.locator("[data-part=announcer]")
    expect(announcer).to_have_attribute("aria-live", "polite")
    expect(announcer).to_contain_text("Stopped early: connection cut.")


def empty(simulator: SimulatorPage) -> None:
    simulator.open()


def running(simulator: SimulatorPage) -> None:
    simulator.open("slow;factor=0+stall;at=9;seconds=60")
    simulator.run.click()
    expect(simulator.page.get_by_text("8 events so far")).to_be_visible()


def cut(simulator: SimulatorPage) -> None:
    simulator.open("drop;at=9")
    simulator.run_to_end()
    simulator.events.press("End")
    simulator.events.press("Enter")
    expect(simulator.requests).to_have_count(1)


def refused(simulator: SimulatorPage) -> None:
    simulator.open("status")
    simulator.run_to_end()
    expect(simulator.outcomes).to_be_visible()


def wrong(simulator: SimulatorPage) -> None:
    simulator.open("drop;at=9")
    simulator.parameter("at").fill("0")


def not_to_be_had(simulator: SimulatorPage) -> None:
    simulator.open("nothing")


State = Callable[[SimulatorPage], None]
each_state = pytest.mark.parametrize(
    "state",
    [empty, running, cut, refused, wrong, not_to_be_had],
    ids=lambda state: state.__name__,
)
# Both themes at both widths would show no more.
each_look = pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1440, "dark")])


@each_state
@each_look
def test_every_state_is_accessible_and_fits(
    simulator: SimulatorPage, state: State, width: int, theme: str
) -> None:
    simulator.page.set_viewport_size({"width": width, "height": 800})
    simulator.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    state(simulator)
    assert violations(simulator.page, theme) == []
    assert simulator.page.evaluate("document.documentElement.scrollWidth") <= width
    journal = simulator.page.locator("[data-part=journal]")
    assert journal.evaluate("node => node.scrollWidth === node.clientWidth")


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("fault", ["", "drop;at=9", "status"])
def test_nothing_jumps_while_the_page_loads_and_runs(
    simulator: SimulatorPage, fault: str, width: int
) -> None:
    simulator.page.set_viewport_size({"width": width, "height": 800})
    simulator.page.add_init_script(SHIFTS)
    simulator.open(fault)
    if fault:
        simulator.run_to_end()
        expect(simulator.requests).to_have_count(1)
    simulator.page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    assert simulator.page.evaluate("shifts") == []


def test_the_chosen_fault_says_what_a_program_should_do(simulator: SimulatorPage) -> None:
    simulator.open()
    expect(simulator.page.get_by_text("Your program should")).to_have_count(0)
    simulator.choose("Silence in the middle")
    line = simulator.page.get_by_text("Your program should have a limit on silence")
    expect(line).to_be_visible()
    line.get_by_role("link", name="what SDKs do").click()
    expect(simulator.outcomes).to_be_in_viewport()
    line.get_by_role("link", name="What to do").click()
    simulator.page.wait_for_url("**/guide/errors#timeouts")


@pytest.mark.parametrize("path", ["/", "/demo", "/simulator", "/guide/events"])
def test_the_header_has_two_rows_on_a_phone(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(path)
    box = page.locator(".site-header").bounding_box()
    assert box is not None
    assert box["height"] < 100


def test_an_answer_of_ones_own_is_played_and_given_up(simulator: SimulatorPage) -> None:
    simulator.open()
    page = simulator.page
    page.get_by_role("textbox", name="Text").fill("From my own form.")
    page.get_by_role("button", name="Play it").click()
    expect(simulator.again).to_be_visible(timeout=20_000)
    expect(simulator.answer).to_have_text("From my own form.")
    expect(simulator.answer).to_be_in_viewport()
    # The base URL that is shown is the one that gives it.
    expect(simulator.scenario).to_have_value("auto")
    assert simulator.base_url.inner_text().endswith("/simulator")
    page.get_by_role("button", name="Stop using it").click()
    expect(page.get_by_text("are answered as any others")).to_be_visible()
    simulator.run_to_end()
    expect(simulator.answer).not_to_have_text("From my own form.")


def test_an_answer_that_cannot_be_had_says_why_and_plays_nothing(simulator: SimulatorPage) -> None:
    simulator.open()
    page = simulator.page
    status = page.locator("[data-part=own-status]")
    page.get_by_label("Tool to call").fill("get_weather")
    page.get_by_label("Its input, as JSON").fill("[1]")
    page.get_by_role("button", name="Play it").click()
    expect(status).to_contain_text("The input of a tool is a JSON object")
    page.get_by_label("Its input, as JSON").fill('{"city": "Oslo"}')
    page.get_by_label("Stop reason").select_option("tool_use")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    answer = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))["answers"][0]
    assert answer["message"]["content"][1]["input"] == {"city": "Oslo"}
    assert saved.value.suggested_filename == "my-answer.json"
    expect(simulator.requests).to_have_count(0)
