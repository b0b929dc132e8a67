"""What the environment can set. The only module that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_HOST = "127.0.0.1"
_PORT = 8000


class SettingsError(ValueError):
    """A setting that cannot be used: names the variable, what it holds, and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the site listens, and the address under which others know it."""

    host: str = _HOST
    port: int = _PORT
    site_url: str = f"http://{_HOST}:{_PORT}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the site, as far as the settings tell."""
        return all(_is_loopback(host) for host in (self.host, urlsplit(self.site_url).hostname))


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read HOST, PORT and SITE_URL. Raises SettingsError; an empty variable counts as unset."""
    host = environment.get("HOST") or _HOST
    port = _port(environment.get("PORT") or str(_PORT))
    site_url = environment.get("SITE_URL") or f"http://{in_url(host)}:{port}"
    return Settings(host=host, port=port, site_url=_site_url(site_url))


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise SettingsError(f"PORT is {text!r}; it takes a number from 0 to 65535 (0: any free)")
    return int(text)


def _site_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"SITE_URL is {text!r}; it takes the site's address, such as https://example.org"
        )
    return text.rstrip("/")


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def in_url(host: str) -> str:
    """The host as a URL spells it: IPv6 addresses stand in brackets."""
    return f"[{host}]" if ":" in host else host
