"""Who asks, by addresses and headers."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from streamguide.protocol.refusal import Refusal
from streamguide.settings import Settings
from streamguide.web.visitor import address_of, allowed_hosts, check_origin, is_in, visitor_of

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))
OWN = {"Origin": "https://example.org", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("1.1.1.1", "", "1.1.1.1"),
        ("1.1.1.1", "9.9.9.9", "1.1.1.1"),
        ("10.0.0.1", "2.2.2.2", "2.2.2.2"),
        ("10.0.0.1", "9.9.9.9, 2.2.2.2", "2.2.2.2"),
        ("10.0.0.1", "9.9.9.9, 2.2.2.2, 10.0.0.2", "2.2.2.2"),
        ("::1", " 2.2.2.2 ", "2.2.2.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "nonsense"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: str, address: str) -> None:
    assert address_of(peer, forwarded, PROXIES) == address


@pytest.mark.parametrize(
    ("address", "visitor"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_visitor_is_an_address_or_its_network(address: str, visitor: str) -> None:
    assert visitor_of(address) == visitor


def test_an_address_is_found_in_networks_of_its_kind() -> None:
    assert is_in("10.1.2.3", PROXIES)
    assert is_in("::ffff:10.1.2.3", PROXIES)
    assert not is_in("11.1.2.3", PROXIES)
    assert not is_in("nonsense", PROXIES)


def test_live_mode_answers_to_its_own_names() -> None:
    local = allowed_hosts(Settings())
    assert local == {"127.0.0.1", "localhost", "::1"}
    public = Settings(site_url="https://Example.org", allowed_hosts=("www.example.org",))
    assert allowed_hosts(public) == {"example.org", "www.example.org"}


@pytest.mark.parametrize("host", ["example.org", "example.org:443", "EXAMPLE.org"])
def test_a_page_of_this_site_may_ask(host: str) -> None:
    check_origin(host, {"Origin": f"https://{host}"}, {"example.org"})


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("evil.example", {"Origin": "https://evil.example"}),
        ("example.org.evil.example", {"Origin": "https://example.org.evil.example"}),
        ("", {"Origin": "https://example.org"}),
        ("[", {"Origin": "https://["}),
        ("example.org", {}),
        ("example.org", {"Origin": "null"}),
        ("example.org", {"Origin": "https://evil.example"}),
        ("example.org", {"Origin": "https://example.org.evil.example"}),
        ("example.org", {"Origin": "https://example.org:8443"}),
        ("example.org", {"Origin": "https://["}),
        ("example.org", {**OWN, "Sec-Fetch-Site": "cross-site"}),
        ("example.org", {**OWN, "Sec-Fetch-Site": "same-site"}),
        ("example.org", {**OWN, "Sec-Fetch-Site": "none"}),
    ],
)
def test_nobody_else_may(host: str, headers: dict[str, str]) -> None:
    with pytest.raises(Refusal) as raised:
        check_origin(host, headers, {"example.org"})
    assert raised.value.status == 403
