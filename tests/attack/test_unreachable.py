"""The log says why the API cannot be reached, without the prompt or the key."""

from __future__ import annotations

import pytest

from tests.attack.conftest import first_of
from tests.attack.hostile import hostile
from tests.live.asking import KEY, live_site

WHY = {
    # Port 1 has no listener.
    "http://127.0.0.1:1": "Connection refused",
    "http://claude.invalid": "claude.invalid",
    "{secure}": "TLS handshake failed",
}


@pytest.mark.parametrize("address", first_of(WHY, "{secure}"))
def test_the_log_says_why_the_api_cannot_be_reached(address: str) -> None:
    with hostile(lambda one, _: one.close()) as plain:
        url = address.format(secure=plain.url.replace("http:", "https:"))
        with live_site(url, {"LIVE_RETRIES": "0", "ANTHROPIC_BASE_URL": url}) as site:
            answer = site.ask("a prompt of mine")
            assert (answer.status, answer.code) == (502, "live_unreachable")
            assert site.server.prints("cannot be reached: ConnectError")
            log = site.server.log()
    assert WHY[address] in log
    assert KEY not in log
    assert "a prompt of mine" not in log
