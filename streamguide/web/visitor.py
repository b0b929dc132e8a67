"""Who asks: a visitor's address, and whether the request comes from this site's own page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from streamguide.protocol.refusal import Refusal
from streamguide.settings import Network, Settings

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_EVERY_ADDRESS = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
# What a proxy adds: a request that carries one was passed on, whoever sent it.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def address_of(peer: str, forwarded: str, trusted: Collection[Network]) -> str:
    """The client's address: the peer's, or the one that trusted proxies name.

    `forwarded` is the X-Forwarded-For header, to which each proxy adds the address it saw. From
    its end, those of trusted proxies are passed over; the rest is the sender's own claim.
    """
    address = peer
    for named in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not is_in(address, trusted):
            break
        address = named
    return address


def is_in(address: str, networks: Collection[Network]) -> bool:
    """Whether an address is of one of the networks; what is no address is of none."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def visitor_of(address: str) -> str:
    """The visitor that an address stands for: an IPv6 one for its /64, which one home has."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), 64), strict=False))


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """The names under which live mode answers, lower-case and without ports."""
    own = urlsplit(settings.site_url).hostname or ""
    local = _LOCAL_HOSTS if settings.is_local else ()
    return frozenset({own.lower(), *local, *settings.allowed_hosts})


def check_host(host: str, allowed: Collection[str]) -> None:
    """Let nobody ask under a foreign name for what others have sent. Raises Refusal.

    A page of another site can make its own name point here, and would then read the answer. It
    cannot do so with an address, nor with localhost, under which people reach the site in ways
    that no setting tells: another port, a tunnel, a container.
    """
    name = _name(host)
    if name not in allowed and name != "localhost" and not is_in(name, _EVERY_ADDRESS):
        raise _forbidden(
            "This does not answer to this Host. The site's owner names it in SITE_URL or "
            "ALLOWED_HOSTS."
        )


def check_origin(host: str, headers: Mapping[str, str], allowed: Collection[str]) -> None:
    """Let only this site's own pages ask. Raises Refusal.

    A page of another site can send requests here, but not with this Origin; one that has made
    its own name point here can, but not with this Host. `host` is the Host header; the names of
    `headers` are spelled as `Sec-Fetch-Site`.
    """
    if _name(host) not in allowed:
        raise _forbidden(
            "Live mode does not answer to this Host. The site's owner names it in SITE_URL or "
            "ALLOWED_HOSTS."
        )
    if headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise _forbidden("Live mode answers this site's own pages only.")
    _, _, origin = headers.get("Origin", "").partition("://")
    if origin.lower() != host.lower():
        raise _forbidden(
            "Live mode answers this site's own pages only: the Origin header is missing or "
            "another's."
        )


def _name(host: str) -> str:
    """A host without its port, lower-case; "" for what is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _forbidden(message: str) -> Refusal:
    return Refusal(403, "permission_error", message, details={"error_code": "origin"})
