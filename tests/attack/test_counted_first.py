"""Live mode counts a request before it reads it, whatever the request is."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import httpx2
import pytest

from tests.attack.conftest import first_of
from tests.attack.hostile import hostile
from tests.attack.raw import connect, head
from tests.live.asking import TIMEOUT, live_site, request_of
from tools.server import redis_server

WRONG = [0] * 150_000
BODIES = (
    json.dumps(request_of("", messages=[{"role": "user", "content": WRONG}])).encode(),
    json.dumps(request_of("", messages=WRONG)).encode(),
    300_000 * b"[",
    b"",
)


@pytest.mark.parametrize("store", first_of(["memory", "redis"], "memory"))
def test_wrong_bodies_count_and_one_too_many_is_refused_before_its_body_has_come(
    store: str,
) -> None:
    redis = redis_server() if store == "redis" else nullcontext()
    with redis as counting, hostile(lambda one, _: one.close()) as claude:
        settings = {
            "LIVE_VISITOR_PER_MINUTE": str(len(BODIES)),
            "LIVE_PROMPT_CHARACTERS": "100000",
            "REDIS_URL": counting.url if counting else "",
        }
        with live_site(claude.url, settings) as site, ThreadPoolExecutor(8) as pool:

            def post(body: bytes) -> httpx2.Response:
                headers = {"origin": site.url, "content-type": "application/json"}
                return httpx2.post(
                    f"{site.url}/live/messages", content=body, headers=headers, timeout=TIMEOUT
                )

            found = list(pool.map(post, 3 * list(BODIES)))
            statuses = sorted(one.status_code for one in found)
            assert statuses == [400] * len(BODIES) + [429] * 2 * len(BODIES)
            last = site.ask("hello")
            assert (last.status, last.code) == (429, "visitor_per_minute")
            with connect(site.url) as one:
                kind, length = "content-type: application/json", "content-length: 100"
                origin = f"origin: {site.url}"
                one.sendall(head(site.url, "POST", "/live/messages", origin, kind, length))
                # Waiting for the body would end in a 408.
                assert one.recv(12) == b"HTTP/1.1 429"
        assert not claude.requests
