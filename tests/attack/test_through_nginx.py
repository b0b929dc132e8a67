"""nginx accepts what the site accepts, and refuses what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attack.conftest import ADDRESS, COMMANDS
from tests.attack.raw import Reply, connect, head, reply, sent
from tests.live.asking import KEY
from tests.live.deployed import CONFIGURATION, nginx, started
from tools.process import ROOT
from tools.server import free_port

KILO = 1024
MEGA = KILO * KILO


@dataclass(frozen=True)
class Route:
    """A route for bodies, the site's limit, and nginx's."""

    path: str
    kind: str
    site: int
    nginx: int
    in_envelopes: bool


ROUTES = {
    "form": Route(
        "/generator/code", "application/x-www-form-urlencoded", 64 * KILO, 64 * KILO, False
    ),
    "page": Route("/", "text/plain", 64 * KILO, 64 * KILO, False),
    # 12 bytes for each of 20,000 characters, and 64 kB.
    "live": Route("/live/messages", "application/json", 12 * 20_000 + 64 * KILO, MEGA, True),
    "simulator": Route("/simulator/v1/messages", "application/json", 32 * MEGA, 33 * MEGA, True),
}


@dataclass(frozen=True)
class Both:
    """The addresses of one site."""

    direct: str
    front: str


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """A site with live mode, and nginx before it."""
    front = f"http://127.0.0.1:{free_port()}"
    settings = {
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "SITE_URL": front,
        "TRUSTED_PROXIES": "127.0.0.1",
        "LIVE_VISITOR_PER_MINUTE": "1000",
    }
    folder = tmp_path_factory.mktemp("nginx")
    with started(COMMANDS["gunicorn"], settings, ADDRESS) as site:
        with nginx(folder, front, site.url):
            yield Both(site.url, front)
        assert "Traceback" not in site.log()


def post(url: str, name: str, size: int) -> Reply:
    """The response to an invalid body of this size."""
    route = ROUTES[name]
    lines = (
        f"content-type: {route.kind}",
        f"content-length: {size}",
        # Live mode requires its own Origin, and the simulator a key.
        f"origin: {url}" if name == "live" else "x-api-key: any",
        "anthropic-version: 2026-10-21",
        "connection: close",
    )
    with connect(url) as connection:
        sent(connection, [head(url, "POST", route.path, *lines), b"a" * size])
        return reply(connection)


@pytest.mark.parametrize("name", ROUTES)
def test_the_largest_body_is_read_also_through_nginx(both: Both, name: str) -> None:
    route = ROUTES[name]
    direct, through = (post(url, name, route.site) for url in (both.direct, both.front))
    assert direct.status == through.status == (405 if name == "page" else 400)
    # Only request ids differ.
    assert len(direct.body) == len(through.body)


@pytest.mark.parametrize("name", ROUTES)
def test_a_byte_more_is_too_large_also_through_nginx(both: Both, name: str) -> None:
    route = ROUTES[name]
    direct, through = (post(url, name, route.site + 1) for url in (both.direct, both.front))
    assert direct.status == through.status == 413
    if route.nginx > route.site:
        # The site refuses, not nginx.
        assert len(direct.body) == len(through.body)


@pytest.mark.parametrize("name", ROUTES)
def test_what_nginx_refuses_itself_is_told_in_the_same_way(both: Both, name: str) -> None:
    route = ROUTES[name]
    direct, through = (post(url, name, route.nginx + 1) for url in (both.direct, both.front))
    assert direct.status == through.status == 413
    if route.in_envelopes:
        for answer in (direct, through):
            # Without the chunks' sizes.
            found = json.loads(answer.body[answer.body.index(b"{") : answer.body.rindex(b"}") + 1])
            assert found["error"]["type"] == "request_too_large"
            assert found["request_id"] == answer.headers["request-id"]


def test_these_are_nginx_s_limits_and_the_guide_names_them() -> None:
    found = re.findall(r"client_max_body_size (\d+)([km]);", CONFIGURATION.read_text("utf-8"))
    sizes = {int(number) * {"k": KILO, "m": MEGA}[unit] for number, unit in found}
    assert sizes == {route.nginx for route in ROUTES.values()}
    guide = Path(ROOT / "content/guide/hosting.md").read_text("utf-8")
    (line,) = [line for line in guide.splitlines() if "client_max_body_size" in line]
    for size in (*sizes, 32 * MEGA):
        text = f"{size // MEGA} MB" if size >= MEGA else f"{size // KILO} kB"
        assert text in line


@pytest.mark.parametrize("size", [2000, 3500, 9000])
def test_an_address_is_as_long_as_it_may_be_with_and_without_nginx(both: Both, size: int) -> None:
    path = f"/generator/code?prompt={'a' * (size - 23)}"
    statuses = []
    for url in (both.direct, both.front):
        with connect(url) as connection:
            connection.sendall(head(url, "GET", path, "connection: close"))
            statuses.append(reply(connection).status)
    assert statuses == ([414, 414] if size > 8192 else [200, 200])
