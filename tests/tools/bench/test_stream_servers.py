"""The requests to the measured servers."""

from __future__ import annotations

import json

import pytest

from tools.bench.stream_servers import PACES, Server, body

SERVERS = [Server(name, 8000, 1) for name in ("simulator", "bare", "aimock")]


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
@pytest.mark.parametrize("pace", PACES)
def test_a_request_says_how_long_its_body_is(server: Server, pace: float) -> None:
    head, _, content = server.request(pace).partition(b"\r\n\r\n")
    assert b"content-length: %d" % len(content) in head.split(b"\r\n")
    assert json.loads(content)["stream"] is True


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_each_pace_has_a_request_of_its_own(server: Server) -> None:
    assert len({server.request(pace) for pace in PACES}) == len(PACES)


def test_the_simulator_is_asked_for_its_pace_by_a_fault() -> None:
    simulator = SERVERS[0]
    assert simulator.request(0).startswith(b"POST /simulator/long-prose/slow;factor=0/v1/messages ")
    assert b"/long-prose/pace;seconds=0.02/v1/" in simulator.request(20)


def test_no_message_is_part_of_another_one_so_aimock_can_tell_them_apart() -> None:
    texts = [json.loads(body(pace))["messages"][0]["content"] for pace in PACES]
    assert not any(one in other for one in texts for other in texts if one != other)
