"""The guide's chat: what enters its history, and its server with a page."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.programs.api import FOLDER, Json, api, environment, run, streamed

THINKING = {"type": "thinking", "thinking": "", "signature": "c2lnbmVk"}
ANSWER = {"type": "text", "text": "Because of Rayleigh scattering."}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"up": True}}
MARK = "\n\n[The answer was interrupted here.]"
SECONDS = 30


def chat(*answers: bytes) -> tuple[int, list[list[Json]]]:
    """One question per answer: the exit status, and the messages of each request."""
    questions = [f"Question {number}" for number in range(1, len(answers) + 1)]
    with api(*answers) as (url, bodies):
        ended = run(url, sys.executable, "chat.py", *questions)
    return ended.returncode, [body["messages"] for body in bodies]


def asked(number: int) -> Json:
    return {"role": "user", "content": f"Question {number}"}


def answered(*blocks: Json) -> Json:
    return {"role": "assistant", "content": [{**block} for block in blocks]}


def test_the_history_grows_by_whole_turns_thinking_included() -> None:
    whole = streamed("end_turn", THINKING, ANSWER)
    status, requests = chat(
        whole, streamed("end_turn", {"type": "text", "text": ""}, ANSWER), whole
    )

    assert status == 0
    assert requests[0] == [asked(1)]
    assert requests[1] == [asked(1), answered(THINKING, ANSWER), asked(2)]
    # An empty text block would be a 400.
    assert requests[2] == [*requests[1], answered(ANSWER), asked(3)]


def test_an_interrupted_answer_is_kept_as_text_that_says_so() -> None:
    status, requests = chat(
        streamed(None, THINKING, ANSWER), streamed(None, THINKING), streamed("end_turn", ANSWER)
    )

    assert status == 1
    interrupted = {**ANSWER, "text": ANSWER["text"] + MARK}
    assert requests[1] == [asked(1), answered(interrupted), asked(2)]
    # Of the second answer there was no text: its question is gone too.
    assert requests[2] == [*requests[1][:2], asked(3)]


def test_a_refused_turn_and_an_unanswered_call_are_not_sent_again() -> None:
    status, requests = chat(
        streamed("refusal", ANSWER),
        streamed("tool_use", ANSWER, CALL),
        streamed("max_tokens", CALL),
        streamed("end_turn", ANSWER),
    )

    assert status == 1
    assert requests[1] == [asked(2)]
    assert requests[2] == [asked(2), answered(ANSWER), asked(3)]
    assert requests[3] == [asked(2), answered(ANSWER), asked(4)]


@contextmanager
def server(url: str) -> Iterator[str]:
    """The chat's server in front of an API."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "chat-server.py", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=FOLDER, env=environment(url), stdout=quiet, stderr=quiet
    ) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    pytest.fail("the server did not start")


def ask(address: str, question: str) -> list[Json]:
    request = urllib.request.Request(
        f"{address}/chats/one",
        json.dumps({"question": question}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as response:
        return [json.loads(line) for line in response]


def test_the_server_and_its_page_go_on_after_an_interruption(page: Page) -> None:
    answers = (streamed("end_turn", ANSWER), streamed(None, ANSWER), streamed("end_turn", ANSWER))
    declined = streamed("refusal", ANSWER)
    with api(*answers, declined) as (url, bodies), server(url) as address:
        assert ask(address, "Question 1") == [{"text": ANSWER["text"]}, {"ended": "end_turn"}]
        assert ask(address, "Question 2")[-1] == {"error": "The answer was interrupted."}

        page.goto(address)
        status = page.get_by_role("status")
        page.get_by_label("Question").fill("<b>Why?</b>")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="<b>Why?</b>")).to_be_visible()
        expect(page.locator(".answer")).to_have_text(ANSWER["text"])
        expect(status).to_have_text("")
        page.get_by_label("Question").fill("And?")
        page.keyboard.press("Enter")
        expect(status).to_have_text("Claude declined. Ask in another way.")
        expect(page.locator(".answer")).to_have_count(1)

    assert [len(body["messages"]) for body in bodies] == [1, 3, 1, 3]
    assert MARK not in json.dumps(bodies[1]["messages"])
