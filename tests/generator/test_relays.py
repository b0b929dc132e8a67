"""The relays of the generator, each in front of the simulator and its faults."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from streamguide.generator.options import RELAYS
from streamguide.generator.render import render
from tests.generator.combinations import MODELS, TABLE, programs, some_languages
from tests.generator.relays import (
    HELLO,
    SCENARIOS,
    TEXT,
    Relay,
    Start,
    Switch,
    ask,
    events,
    program,
    running,
    status,
    text_of,
)
from tools import nodejs
from tools.process import ROOT, Ended, run
from tools.server import environment

# What a silent answer is given, in seconds; a client that left must be noticed sooner.
SILENCE = "2"
SOON = 1.0
# What would end a field, a constant or a literal, or mean something in a replacement.
ODD = '\n</textarea><script>throw 1</script> & &amp; $& \\n \'é\' """ ` ${1}'
# For what has many cases: one in Python and one in JavaScript, all three in `make soak`.
SOME = some_languages(RELAYS, "flask", "express")
some_relays = pytest.mark.parametrize("relay", SOME, indirect=True)
some_full = pytest.mark.parametrize("full", SOME, indirect=True)


def without_ids(stream: bytes) -> bytes:
    """The stream without what is new in every request."""
    return re.sub(rb"\b(msg|req)_\w+", b"", stream)


@pytest.fixture(params=RELAYS)
def relay(request: pytest.FixtureRequest, start: Start) -> Relay:
    """Each with nothing chosen."""
    return start(request.param, silence_timeout=SILENCE)


@pytest.fixture
def express(start: Start) -> Relay:
    """One of them, for what is the same page in all."""
    return start("express", silence_timeout=SILENCE)


@pytest.fixture(params=RELAYS)
def full(request: pytest.FixtureRequest, start: Start) -> Relay:
    """Each with what can be chosen, but for the breaker, which would remember other tests."""
    chosen = {"recovery": "resume", "events": "all", "usage": "1", "request_id": "1"}
    return start(request.param, connect_timeout="5", prompt=ODD, **chosen)


def test_a_stream_arrives_byte_for_byte_and_nothing_may_hold_it_back(
    relay: Relay, switch: Switch
) -> None:
    switch.to("slow;factor=0")
    response = relay.ask()
    assert response.status_code == 200
    assert without_ids(response.content) == without_ids(HELLO)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache, no-transform"
    assert response.headers["x-accel-buffering"] == "no"


def test_the_first_words_come_before_the_last(relay: Relay, switch: Switch) -> None:
    switch.to("slow;factor=0+stall;seconds=1")
    with relay.asking() as pieces:
        first = b""
        while b"text_delta" not in first:
            first += next(pieces)
        assert relay.requests()[-1]["ended"] is None
        whole = first + b"".join(pieces)
    assert without_ids(whole) == without_ids(HELLO)


@some_relays
@pytest.mark.parametrize(
    "fault",
    ["unknown", "drip;byte=20", "crlf", "many-pings", "done-marker", "connection-close", "http10"],
)
def test_what_is_only_odd_passes(relay: Relay, switch: Switch, fault: str) -> None:
    switch.to(f"slow;factor=0+{fault}")
    response = relay.ask()
    found = events(response.content)
    assert response.status_code == 200
    assert text_of(found) == TEXT
    assert found[-1]["type"] == "message_stop"
    assert ("future_event" in [event["type"] for event in found]) is (fault == "unknown")


@some_relays
@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        # The SDK tries again, after its own wait where it is told none.
        ("status;retry-after=0.1", 529, "overloaded_error"),
        ("status;code=429;retry-after=0.1", 429, "rate_limit_error"),
        ("status;code=401", 401, "authentication_error"),
        ("status;code=408;retry-after=0.1", 408, "api_error"),
        ("no-response", 502, "api_error"),
        ("not-sse", 502, "api_error"),
        ("not-sse;how=html", 502, "api_error"),
        ("empty-body", 502, "api_error"),
        ("error-event;at=1", 502, "overloaded_error"),
        ("slow-headers;seconds=20", 504, "timeout_error"),
    ],
)
def test_before_the_stream_a_failure_is_an_http_error(
    relay: Relay, switch: Switch, fault: str, status: int, kind: str
) -> None:
    switch.to(f"slow;factor=0+{fault}")
    response = relay.ask()
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/json")
    assert response.json()["type"] == "error"
    assert response.json()["error"]["type"] == kind
    assert response.json()["error"]["message"]


@some_relays
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("error-event;at=9", "overloaded_error"),
        ("drop;at=9", "api_error"),
        ("drop;at=9;byte=30", "api_error"),
        ("end-early", "api_error"),
        ("garble;at=9", "api_error"),
        ("no-final-blank-line", "api_error"),
        ("stall;at=9;seconds=20", "timeout_error"),
    ],
)
def test_after_it_every_other_end_is_one_error_event(
    relay: Relay, switch: Switch, fault: str, kind: str
) -> None:
    switch.to(f"slow;factor=0+{fault}")
    response = relay.ask()
    assert response.status_code == 200
    *before, last = events(response.content)
    assert last["type"] == "error"
    assert last["error"]["type"] == kind
    passed = response.content[: response.content.index(b"event: error\n")]
    assert len(before) >= 8
    assert without_ids(HELLO).startswith(without_ids(passed))


@pytest.mark.parametrize("language", RELAYS)
def test_an_api_out_of_reach_is_a_bad_gateway(site: str, language: str) -> None:
    # Nothing listens there.
    with running(language, "http://127.0.0.1:1", site) as relay:
        response = relay.ask()
    assert response.status_code == 502
    assert response.json()["error"]["type"] == "api_error"


# As the guide and the relay's own note have it.
GUNICORN = ("gunicorn", "--worker-class=gevent", "--bind=127.0.0.1:0", "relay:app")


def test_a_relay_for_flask_runs_under_gunicorn(switch: Switch, site: str) -> None:
    with running("flask", switch.url, site, GUNICORN) as relay:
        switch.to("slow;factor=0")
        assert without_ids(relay.ask().content) == without_ids(HELLO)
        switch.to("slow;factor=0+drop;at=9")
        assert events(relay.ask().content)[-1]["type"] == "error"
        switch.to("pace;seconds=0.1", "long-prose")
        with relay.asking() as pieces:
            next(pieces)
            since = time.time()
        assert left_after(relay, since) < SOON


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"Why?"', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"question": 1}', "application/json", 400),
        (b'{"question": " "}', "application/json", 400),
        (b'{"model": "claude-fable-5-2"}', "application/json", 400),
        # A foreign page may send this type here without asking.
        (b'{"question": "Why?"}', "text/plain", 400),
        (json.dumps({"question": "a" * 20_001}).encode(), "application/json", 400),
        (json.dumps({"question": "a" * 200_000}).encode(), "application/json", 413),
    ],
)
def test_a_wrong_body_is_refused_and_never_reaches_claude(
    relay: Relay, switch: Switch, body: bytes, kind: str, status: int
) -> None:
    switch.to("none")
    before = len(relay.requests())
    response = relay.send(body, kind)
    assert response.status_code == status
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert len(relay.requests()) == before


def test_only_the_relays_own_page_may_spend_the_key(relay: Relay, switch: Switch) -> None:
    switch.to("slow;factor=0")
    own, port = relay.url.removeprefix("http://"), relay.url.rpartition(":")[2]
    question = b'{"question": "Why?"}'
    before = len(relay.requests())
    for headers in (
        {"host": f"evil.example:{port}"},
        {"host": f"evil.example:{port}", "origin": f"http://evil.example:{port}"},
        {"host": f"127.0.0.1.evil.example:{port}"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"http://{own}.evil.example"},
        {"origin": f"http://127.0.0.1:{int(port) - 1}"},
    ):
        refused = relay.send(question, "application/json", headers)
        assert refused.status_code == 403, headers
        assert refused.json()["error"]["message"] == "Only this relay's own page may ask."
    assert len(relay.requests()) == before
    for headers in (
        {},
        {"origin": f"http://{own}"},
        {"host": f"localhost:{port}", "origin": f"http://localhost:{port}"},
        # Behind a proxy, whose connection with the page has TLS.
        {"host": "localhost", "origin": "https://localhost"},
    ):
        assert relay.send(question, "application/json", headers).status_code == 200, headers


def test_the_page_decides_neither_model_nor_limits(relay: Relay, switch: Switch) -> None:
    switch.to("slow;factor=0")
    relay.ask("Hm?", model="claude-fable-5-2", max_tokens=9, system="Be rude.")
    sent = json.loads(relay.requests()[-1]["body"])
    assert (sent["model"], sent["max_tokens"]) == ("claude-opus-5-5", 1024)
    assert sent["messages"] == [{"role": "user", "content": "Hm?"}]
    assert "system" not in sent


def left_after(relay: Relay, since: float) -> float:
    """Seconds until the relay has left the API, whose journal has the time of its end."""
    last = relay.ended()
    assert last["ended"] == "left"
    return float(last["at"] + last["after_ms"] / 1000 - since)


def test_a_client_that_leaves_while_text_flows_ends_the_request(
    relay: Relay, switch: Switch
) -> None:
    switch.to("pace;seconds=0.1", "long-prose")
    with relay.asking() as pieces:
        while b"text_delta" not in next(pieces):
            pass
        since = time.time()
    assert left_after(relay, since) < SOON


@pytest.mark.parametrize("silence", ["stall;at=5;seconds=20", "slow-headers;seconds=20"])
def test_a_client_that_leaves_while_claude_is_silent_ends_the_request(
    relay: Relay, switch: Switch, silence: str
) -> None:
    switch.to(f"slow;factor=0+{silence}")
    asked = len(relay.requests()) + 1
    if silence.startswith("stall"):
        with relay.asking() as pieces:
            next(pieces)
            assert relay.requests()[-1]["ended"] is None
            since = time.time()
    else:
        # No answer comes at all: this client loses patience, and closes the connection.
        since = time.time() + 0.5
        with pytest.raises(httpx2.ReadTimeout), relay.asking(patience=0.5):
            pass
    assert len(relay.requests()) == asked
    # Flask notices when it next writes: here, when the silence has lasted too long.
    patience = float(SILENCE) + SOON if relay.language == "flask" else SOON
    assert left_after(relay, since) < patience


def test_the_page_shows_the_answer_and_says_that_it_is_complete(
    opened: Page, relay: Relay, switch: Switch
) -> None:
    switch.to("slow;factor=0+stall;seconds=1")
    ask(opened, relay)
    status(opened, "Claude answers…")
    status(opened, "Complete.")
    expect(opened.locator("#answer")).to_have_text(TEXT)
    sent = json.loads(relay.requests()[-1]["body"])
    assert sent["messages"][0]["content"] == "Explain in three sentences why the sky is blue."


def test_the_page_is_used_with_the_keyboard_and_stops(
    opened: Page, relay: Relay, switch: Switch
) -> None:
    switch.to("pace;seconds=0.1", "long-prose")
    opened.goto(relay.url)
    opened.get_by_label("Your question").focus()
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    status(opened, "Claude answers…")
    expect(opened.get_by_role("button", name="Stop")).to_be_focused()
    since = time.time()
    opened.keyboard.press("Enter")
    status(opened, "Stopped.")
    expect(opened.get_by_role("button", name="Ask", exact=True)).to_be_focused()
    assert opened.locator("#answer").inner_text()
    assert left_after(relay, since) < SOON


def test_the_page_says_that_an_answer_was_interrupted_and_keeps_what_came(
    opened: Page, relay: Relay, switch: Switch
) -> None:
    switch.to("slow;factor=0+drop;at=9")
    ask(opened, relay)
    status(opened, "Interrupted: The connection to Claude broke off.")
    shown = opened.locator("#answer").text_content()
    assert shown and TEXT.startswith(shown)


@pytest.mark.parametrize(
    ("scenario", "fault", "said", "kept"),
    [
        ("hello", "status", "Failed: Overloaded", False),
        ("max-tokens", "none", "Cut at the length limit.", True),
        ("refusal-midway", "none", "Claude declined to answer.", False),
        ("markup", "none", "Complete.", True),
    ],
)
def test_the_page_says_how_an_answer_ended_and_shows_text_as_text(
    opened: Page, express: Relay, switch: Switch, scenario: str, fault: str, said: str, kept: bool
) -> None:
    switch.to(f"slow;factor=0+{fault}", scenario)
    ask(opened, express)
    status(opened, re.compile(re.escape(said)))
    golden = events((SCENARIOS / f"{scenario}.sse").read_bytes())
    answer = opened.locator("#answer")
    assert answer.text_content() == (text_of(golden) if kept else "")
    assert answer.evaluate("answer => answer.childElementCount") == 0


def test_a_relay_that_dies_is_an_interruption(opened: Page, switch: Switch, site: str) -> None:
    switch.to("pace;seconds=0.1", "long-prose")
    with running("express", switch.url, site) as relay:
        ask(opened, relay)
        status(opened, "Claude answers…")
    status(opened, re.compile("^Interrupted: "))


@some_full
@pytest.mark.parametrize(
    ("fault", "count"),
    [
        ("status;times=2", 3),
        ("no-response;times=1", 2),
        ("error-event;at=1;times=1", 2),
        ("empty-body;times=1", 2),
    ],
)
def test_what_passes_is_tried_again_while_nothing_was_sent_on(
    full: Relay, switch: Switch, fault: str, count: int
) -> None:
    before = len(full.requests())
    switch.to(f"slow;factor=0+{fault}")
    assert without_ids(full.ask().content) == without_ids(HELLO)
    assert len(full.requests()) == before + count


@some_full
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("status;code=400", 400),
        ("status;code=429;error_code=enforced_spend_limit_reached", 429),
        ("status;code=429;error_code=contract_spend_limit_reached;retry-after=0", 429),
        ("status;code=429;retry-after=61", 429),
        ("status;x-should-retry=false", 529),
        ("drop;at=9", 200),
    ],
)
def test_what_does_not_pass_is_asked_once(
    full: Relay, switch: Switch, fault: str, status: int
) -> None:
    before = len(full.requests())
    switch.to(f"slow;factor=0+{fault}")
    assert full.ask().status_code == status
    assert len(full.requests()) == before + 1


def test_a_wait_that_was_told_is_kept(full: Relay, switch: Switch) -> None:
    switch.to("slow;factor=0+status;code=429;retry-after=0.8;times=1")
    assert full.ask().status_code == 200
    assert full.requests()[-1]["gap_ms"] >= 750


def test_the_log_has_usage_and_request_and_the_page_gets_its_id(
    full: Relay, switch: Switch
) -> None:
    switch.to("slow;factor=0")
    response = full.ask()
    usage = next(e["usage"] for e in events(response.content) if e["type"] == "message_delta")
    requested = response.headers["request-id"]
    assert requested == full.requests()[-1]["request_id"]
    assert full.prints(f"request-id {requested}")
    cost = (15 * 4 + usage["output_tokens"] * 20) / 1_000_000
    assert full.prints(f"15 tokens in, {usage['output_tokens']} out: ${cost:.6f}")


def test_the_page_asks_for_the_rest_of_a_broken_answer(
    opened: Page, full: Relay, switch: Switch
) -> None:
    switch.to("slow;factor=0+drop;at=9;times=1")
    ask(opened, full)
    status(opened, "Complete.")
    expect(opened.locator("#answer")).to_have_text(TEXT)
    first, rest = (json.loads(one["body"])["messages"] for one in full.requests()[-2:])
    assert first == [{"role": "user", "content": ODD}]
    assert rest[0] == first[0]
    assert "<partial_answer>\nHello! You are reading" in rest[1]["content"]
    opened.get_by_text("Events", exact=True).click()
    listed = opened.get_by_role("listitem")
    expect(listed.first).to_contain_text('"type":"message_start"')
    expect(listed.last).to_contain_text('"type":"message_stop"')


def test_the_page_marks_a_part_and_offers_to_ask_again(
    opened: Page, full: Relay, switch: Switch
) -> None:
    switch.to("slow;factor=0+error-event;at=9;type=invalid_request_error;times=1")
    ask(opened, full)
    status(opened, re.compile("^Interrupted: "))
    expect(opened.get_by_text("This is only a part of an answer.")).to_be_visible()
    opened.get_by_role("button", name="Ask again").click()
    status(opened, "Complete.")
    expect(opened.locator("#answer")).to_have_text(TEXT)
    expect(opened.get_by_text("This is only a part of an answer.")).to_be_hidden()


def test_earlier_models_go_on_where_the_assistant_stopped(
    opened: Page, switch: Switch, start: Start
) -> None:
    relay = start("express", recovery="resume", model="claude-haiku-4-5")
    switch.to("slow;factor=0+drop;at=6;times=1")
    ask(opened, relay)
    status(opened, "Complete.")
    rest = json.loads(relay.requests()[-1]["body"])["messages"]
    assert rest[1:] == [{"role": "assistant", "content": "Hello! You are reading"}]
    assert opened.locator("#answer").text_content() == TEXT


@pytest.mark.parametrize("language", RELAYS)
def test_after_failures_in_a_row_the_fallback_answers_and_nothing_is_sent(
    opened: Page, switch: Switch, start: Start, language: str
) -> None:
    relay = start(language, breaker="1")
    switch.to("slow;factor=0+status;code=400")
    relay.ask()
    switch.to("slow;factor=0+status")
    assert [relay.ask().status_code for _ in range(2)] == [529, 529]
    switch.to("slow;factor=0+drop;at=9")
    assert relay.ask().status_code == 200
    ask(opened, relay)
    status(opened, "A fallback: Claude was not asked.")
    expect(opened.locator("#answer")).to_contain_text("Claude cannot be reached right now.")
    assert relay.ask().status_code == 503
    # The SDK has tried each overload three times, which counted as one failure.
    assert len(relay.requests()) == 1 + 3 + 3 + 1


@pytest.mark.parametrize("language", ["flask", "express"])
def test_without_a_key_it_says_so_and_ends(language: str) -> None:
    with program(language) as command:
        ended = subprocess.run(
            command, env=environment({}), capture_output=True, text=True, timeout=60
        )
    assert ended.returncode == 1
    assert ended.stderr == "Failed: ANTHROPIC_API_KEY is not set.\n"


def test_the_page_can_stand_in_every_language_as_it_is() -> None:
    for language in RELAYS:
        for options in programs(language):
            page = page_of(render(options, MODELS, TABLE).text)
            # What would end the constant, or mean something in it.
            assert not any(sign in page for sign in ('"""', "`", "${"))
            # A text goes into the page as text.
            assert "innerHTML" not in page and "EventSource(" not in page


def test_a_default_question_cannot_leave_its_field(opened: Page, full: Relay) -> None:
    opened.goto(full.url)
    assert opened.get_by_label("Your question").input_value() == ODD


def page_of(text: str) -> str:
    found = re.search(r"<!doctype html>.*</html>", text, re.DOTALL)
    assert found
    return found[0]


def biome(config: Path, *paths: Path) -> Ended:
    """What Biome says of files, formatted as it does by itself, but for tabs."""
    config.write_text('{ "root": true, "formatter": { "indentStyle": "space" } }\n')
    program = ROOT / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"
    flags = ["ci", "--colors=off", "--error-on-warnings", f"--config-path={config}"]
    return run([str(nodejs.find()), str(program), *flags, *map(str, paths)], seconds=100)


def test_what_is_javascript_or_css_is_formatted_and_linted(tmp_path: Path) -> None:
    files = []
    for number, options in enumerate(programs("express")):
        text = render(options, MODELS, TABLE).text
        page = page_of(text)
        script = page.split('<script type="module">\n')[1].split("</script>")[0]
        style = page.split("<style>\n")[1].split("</style>")[0]
        for name, code in (("relay.mjs", text), ("page.js", script), ("page.css", style)):
            files.append(tmp_path / f"{number}-{name}")
            files[-1].write_text(code, encoding="utf-8")
    ended = biome(tmp_path / "biome.json", *files)
    assert ended.ok, ended.output


def test_express_relays_are_typed_strictly() -> None:
    tsc = str(ROOT / "node_modules" / "typescript" / "bin" / "tsc")
    flags = "--ignoreConfig --allowJs --checkJs --noEmit --strict --noUnusedLocals"
    modules = "--target ES2023 --module nodenext --lib ES2023 --types node --skipLibCheck"
    with program("express", connect_timeout="1") as (_, first):
        files = [first]
        for number, options in enumerate(programs("express")):
            path = Path(first).with_name(f"relay{number}.mjs")
            path.write_text(render(options, MODELS, TABLE).text, encoding="utf-8")
            files.append(str(path))
        command = [str(nodejs.find()), tsc, *flags.split(), *modules.split(), *files]
        ended = run(command, seconds=100)
    assert ended.ok, ended.output
