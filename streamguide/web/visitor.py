"""The visitor of a request: the address, and whether a page of this site sent the request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from streamguide.protocol.refusal import Refusal
from streamguide.settings import Network, Settings

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_EVERY_ADDRESS = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
# Headers that proxies add. A request that has one of them was forwarded.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def address_of(peer: str, forwarded: str, trusted: Collection[Network]) -> str:
    """The client's address: the peer's, or the one that trusted proxies report.

    `forwarded` is the X-Forwarded-For header, to which each proxy appends the address of its peer.
    The addresses of trusted proxies at its end are skipped; clients can invent those before.
    """
    address = peer
    for named in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not is_in(address, trusted):
            break
        address = named
    return address


def is_in(address: str, networks: Collection[Network]) -> bool:
    """Whether an address is in one of the networks; False for an invalid one."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def visitor_of(address: str) -> str:
    """A name for the visitor at an address: of IPv6 its /64, which is the network of one home."""
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
    """The host names of live mode, in lower case and without ports."""
    own = urlsplit(settings.site_url).hostname or ""
    local = _LOCAL_HOSTS if settings.is_local else ()
    return frozenset({own.lower(), *local, *settings.allowed_hosts})


def check_host(host: str, allowed: Collection[str]) -> None:
    """Raises Refusal for a foreign host name.

    Another site can let its own name resolve to this one (DNS rebinding), and its page could then
    read the response. Addresses and localhost cannot be abused so, and are always allowed, because
    the site may be reached by a port, a tunnel or a container that the settings do not name.
    """
    name = _name(host)
    if name not in allowed and name != "localhost" and not is_in(name, _EVERY_ADDRESS):
        raise _forbidden(
            "This does not answer to this Host. The site's owner names it in SITE_URL or "
            "ALLOWED_HOSTS."
        )


def check_origin(host: str, headers: Mapping[str, str], allowed: Collection[str]) -> None:
    """Raises Refusal unless a page of this site sent the request.

    Pages of other sites can send requests here, but not with this Origin; by DNS rebinding they can,
    but not with this Host. `host` is the Host header; `headers` has names such as `Sec-Fetch-Site`.
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


def check_page(host: str, headers: Mapping[str, str]) -> None:
    """Raises Refusal if a browser sent the request for a page of another site, or to show the answer.

    Programs send none of these headers. `host` is the Host header.
    """
    _, _, origin = headers.get("Origin", "").partition("://")
    is_foreign = "Origin" in headers and origin.lower() != host.lower()
    site = headers.get("Sec-Fetch-Site", "same-origin")
    # Not even for this site's own pages: the API's answer could be a page, with scripts.
    if is_foreign or site != "same-origin" or headers.get("Sec-Fetch-Dest", "empty") != "empty":
        raise _forbidden("This answers programs and this site's own pages, and no other page.")


def _name(host: str) -> str:
    """A host in lower case without its port; "" for an invalid one."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _forbidden(message: str) -> Refusal:
    return Refusal(403, "permission_error", message, details={"error_code": "origin"})
