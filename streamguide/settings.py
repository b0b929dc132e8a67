"""What the environment can set. The only module that reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from textwrap import wrap
from typing import Any
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr

Network = IPv4Network | IPv6Network

# As it is asked for: other scripts are in ASCII there.
_HOST = re.compile("[a-z0-9._-]+")

_ROOT = Path(__file__).parent.parent


class SettingsError(ValueError):
    """A setting that cannot be used: names the variable, what it holds, and what it takes."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment: what it is when unset, what it takes, and what it is for.

    `read` makes the value of its text, and raises ValueError for what it does not take.
    """

    name: str
    default: str
    read: Callable[[str], Any]
    takes: str
    help: str

    def value(self, environment: Mapping[str, str]) -> Any:
        """What it is set to; an empty variable counts as unset. Raises SettingsError."""
        text = environment.get(self.name) or self.default
        try:
            return self.read(text)
        except ValueError:
            # What is secret stays so when it is wrong, as does a password before the host.
            is_secret = self.read in (_secret, _redis)
            got = "something else" if is_secret else repr(_without_password(text))
            raise SettingsError(f"{self.name} is {got}; it takes {self.takes}") from None


def _variable(name: str, default: str, read: Callable[[str], Any], takes: str, help: str) -> Any:
    """A field of a dataclass that the variable sets."""
    variable = Variable(name, default, read, takes, help)
    return field(default=read(default), metadata={"variable": variable})


def variables(settings: type) -> tuple[Variable, ...]:
    """The variables that set its fields, in their order."""
    return tuple(one.metadata["variable"] for one in fields(settings) if one.metadata)


def _text(text: str) -> str:
    return text


def _secret(text: str) -> SecretStr:
    # What has spaces or other scripts in it was pasted wrongly, and cannot be sent in a header.
    if not text.isascii() or any(character.isspace() for character in text):
        raise ValueError
    return SecretStr(text)


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        # float() takes any number of digits, int() only a few thousand.
        if not text.isascii() or not text.isdigit() or not least <= float(text) <= most:
            raise ValueError
        return int(float(text))

    return read


def _decimal(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        # Not float() alone, which takes nan, inf and 1_0.
        if not text.isascii() or not text.replace(".", "", 1).isdigit():
            raise ValueError
        value = float(text)
        if not least <= value <= most:
            raise ValueError
        return value

    return read


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _hosts(text: str) -> tuple[str, ...]:
    if any(set(name) & set("/:@* ") for name in _names(text)):
        raise ValueError
    return tuple(name.lower() for name in _names(text))


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(name) for name in _names(text))


def _address(text: str) -> str:
    parts = _http(text)
    if parts.query or parts.fragment:
        raise ValueError
    return text.rstrip("/")


def _own_address(text: str) -> str:
    # It stands on pages.
    if "@" in urlsplit(text).netloc:
        raise ValueError
    return _address(text)


def _http(text: str) -> SplitResult:
    """The parts of an address of HTTP. Raises ValueError for one that nobody can be asked at."""
    # urlsplit() leaves out line ends and tabs, and takes spaces.
    if not text.isprintable() or " " in text:
        raise ValueError
    parts = urlsplit(text)
    host = parts.hostname or ""
    if ":" in host:
        ip_address(host)
    elif not _HOST.fullmatch(host.encode("idna").decode("ascii")):
        raise ValueError
    # Asked for its port, it raises ValueError where that is none.
    if parts.scheme not in ("http", "https") or parts.port == 0:
        raise ValueError
    return parts


def _without_password(text: str) -> str:
    return re.sub(".*@", "…@", text, flags=re.DOTALL)


def _redis(text: str) -> SecretStr:
    if text and urlsplit(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError
    return SecretStr(text)


_SECONDS = _decimal(0.1, 3600)
_SECONDS_TAKEN = "seconds, from 0.1 to 3600"
_MANY = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """Live mode: whom it asks, and its limits. Times are in seconds.

    A Redis address may hold a password, so it is as secret as the key.
    """

    key: SecretStr = _variable(
        "ANTHROPIC_API_KEY",
        "",
        _secret,
        "a key of the Claude API, which has no spaces",
        "Switches live mode on. It never leaves the server.",
    )
    base_url: str = _variable(
        "ANTHROPIC_BASE_URL",
        "https://api.anthropic.com",
        _address,
        "the address of an API, such as https://api.anthropic.com",
        "Whom live mode asks; http://127.0.0.1:8000/simulator is this site's own simulator.",
    )
    models: tuple[str, ...] = _variable(
        "LIVE_MODELS",
        "claude-haiku-5-5, claude-sonnet-5-5, claude-opus-5-5",
        _names,
        "ids of models, separated by commas",
        "Models that visitors may choose; the first is chosen at the start.",
    )
    access_code: SecretStr = _variable(
        "LIVE_ACCESS_CODE",
        "",
        _secret,
        "a word without spaces",
        "What visitors must know to use live mode; empty: nothing.",
    )
    redis_url: SecretStr = _variable(
        "REDIS_URL",
        "",
        _redis,
        "the address of a Redis server, such as redis://127.0.0.1:6379/0",
        "Where limits are counted; in memory without it, which only one process can do.",
    )
    max_tokens: int = _variable(
        "LIVE_MAX_TOKENS",
        "4096",
        _whole(1, 128_000),
        "a number from 1 to 128000",
        "The most that a request may set as max_tokens. Thinking counts too.",
    )
    prompt_characters: int = _variable(
        "LIVE_PROMPT_CHARACTERS",
        "20000",
        _whole(1, 10_000_000),
        "a number from 1 to 10000000",
        "The most characters of text in a request.",
    )
    visitor_per_minute: int = _variable(
        "LIVE_VISITOR_PER_MINUTE",
        "6",
        _whole(1, _MANY),
        "a number from 1",
        "Requests a minute of one visitor. A visitor is an address (IPv6: its /64).",
    )
    per_minute: int = _variable(
        "LIVE_PER_MINUTE",
        "60",
        _whole(1, _MANY),
        "a number from 1",
        "Requests a minute of all visitors together.",
    )
    visitor_streams: int = _variable(
        "LIVE_VISITOR_STREAMS",
        "2",
        _whole(1, _MANY),
        "a number from 1",
        "Streams that one visitor may have open.",
    )
    streams: int = _variable(
        "LIVE_STREAMS", "100", _whole(1, _MANY), "a number from 1", "Streams open in all."
    )
    tokens_per_day: int = _variable(
        "LIVE_TOKENS_PER_DAY",
        "500000",
        _whole(1, _MANY),
        "a number from 1",
        "Output tokens a day (UTC), of all visitors together.",
    )
    dollars_per_day: float = _variable(
        "LIVE_DOLLARS_PER_DAY",
        "5",
        _decimal(0.01, 1_000_000),
        "US dollars, from 0.01 to 1000000",
        "Dollars a day (UTC), by this site's price table.",
    )
    connect_seconds: float = _variable(
        "LIVE_CONNECT_SECONDS",
        "10",
        _SECONDS,
        _SECONDS_TAKEN,
        "How long a connection to the API may take.",
    )
    first_event_seconds: float = _variable(
        "LIVE_FIRST_EVENT_SECONDS",
        "60",
        _SECONDS,
        _SECONDS_TAKEN,
        "How long the first event may take, from the request, retries included.",
    )
    silence_seconds: float = _variable(
        "LIVE_SILENCE_SECONDS",
        "120",
        _SECONDS,
        _SECONDS_TAKEN,
        "How long the API may then be silent; a ping ends a silence. While Claude thinks unseen, "
        "minutes may pass.",
    )
    request_seconds: float = _variable(
        "LIVE_REQUEST_SECONDS",
        "900",
        _SECONDS,
        _SECONDS_TAKEN,
        "How long a request may take in all.",
    )
    heartbeat_seconds: float = _variable(
        "LIVE_HEARTBEAT_SECONDS",
        "10",
        _SECONDS,
        _SECONDS_TAKEN,
        "After so much silence the visitor is sent a comment line, so that proxies hold the line.",
    )
    retries: int = _variable(
        "LIVE_RETRIES",
        "2",
        _whole(0, 10),
        "a number from 0 to 10",
        "How often a request is made again before anything was passed on.",
    )
    breaker_failures: int = _variable(
        "LIVE_BREAKER_FAILURES",
        "5",
        _whole(1, _MANY),
        "a number from 1",
        "Failures in a row after which the API is left alone.",
    )
    breaker_seconds: float = _variable(
        "LIVE_BREAKER_SECONDS",
        "30",
        _SECONDS,
        _SECONDS_TAKEN,
        "For how long; then one request tries whether it answers again.",
    )
    stop_seconds: float = _variable(
        "LIVE_STOP_SECONDS",
        "20",
        _SECONDS,
        _SECONDS_TAKEN,
        "How long open streams may run on when the server is told to stop.",
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the site listens, the address under which others know it, and live mode if it is on."""

    host: str = _variable(
        "HOST",
        "127.0.0.1",
        _text,
        "an address of this machine",
        "The address on which the site listens.",
    )
    port: int = _variable(
        "PORT",
        "8000",
        _whole(0, 65535),
        "a number from 0 to 65535 (0: any free)",
        "Its port.",
    )
    site_url: str = _variable(
        "SITE_URL",
        "http://127.0.0.1:8000",
        _own_address,
        "the site's address, such as https://example.org",
        "The address under which others know the site; HOST and PORT make one without it.",
    )
    workers: int = _variable(
        "WEB_CONCURRENCY",
        "1",
        _whole(1, 64),
        "a number of processes, from 1 to 64",
        "gunicorn's workers. A simulator has one; live mode in several needs REDIS_URL.",
    )
    client_seconds: float = _variable(
        "CLIENT_SECONDS",
        "30",
        _SECONDS,
        _SECONDS_TAKEN,
        "How long a client may take to send a request's head, then its body, and to begin the next "
        "one. gunicorn gives 2 s for the first and the last.",
    )
    visitor_per_minute: int = _variable(
        "VISITOR_PER_MINUTE",
        "300",
        _whole(1, _MANY),
        "a number from 1",
        "Requests a minute of one visitor to simulator, generator and demo; no limit on a local site.",
    )
    visitor_streams: int = _variable(
        "VISITOR_STREAMS",
        "50",
        _whole(1, _MANY),
        "a number from 1",
        "Streams of the simulator that one visitor may have open; no limit on a local site.",
    )
    key_streams: int = _variable(
        "KEY_STREAMS",
        "500",
        _whole(1, _MANY),
        "a number from 1",
        "Streams of the simulator that may be open with a key of its page; no limit on a local site.",
    )
    trusted_proxies: tuple[Network, ...] = _variable(
        "TRUSTED_PROXIES",
        "",
        _networks,
        "addresses or networks, such as 127.0.0.1, 10.0.0.0/8",
        "Proxies whose X-Forwarded-For says who the visitor is. From others it is not believed.",
    )
    allowed_hosts: tuple[str, ...] = _variable(
        "ALLOWED_HOSTS",
        "",
        _hosts,
        "names without ports, such as example.org, www.example.org",
        "Hosts that live mode, the journal and /metrics answer to, beside SITE_URL's own and, on a local site, this machine's.",
    )
    metrics_from: tuple[Network, ...] = _variable(
        "METRICS_FROM",
        "",
        _networks,
        "addresses or networks, such as 10.0.0.5",
        "Who else than this machine may read /metrics.",
    )
    live: LiveSettings | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the site, as far as the settings tell."""
        return all(is_loopback(host) for host in (self.host, urlsplit(self.site_url).hostname))

    def at_port(self, port: int) -> Settings:
        """The same with the port that was found for PORT=0, in `site_url` too if it was made."""
        was_made = self.site_url == _address_of(self.host, self.port)
        site_url = _address_of(self.host, port) if was_made else self.site_url
        return replace(self, port=port, site_url=site_url)


def read() -> Settings:
    """The settings of the environment and of the file `.env`, of which the environment wins.

    ENV_FILE names another file. Raises SettingsError.
    """
    file = os.environ.get("ENV_FILE") or _ROOT / ".env"
    written = {name: value or "" for name, value in dotenv_values(file).items()}
    return from_environment({**written, **os.environ})


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings of these variables. Raises SettingsError; an empty variable counts as unset."""
    site = _values(Settings, environment)
    if not environment.get("SITE_URL"):
        site["site_url"] = _address_of(site["host"], site["port"])
    # Also without a key: a mistake shows before the day on which there is one.
    live = LiveSettings(**_values(LiveSettings, environment))
    settings = Settings(**site, live=live if live.key else None)
    if settings.live and settings.workers > 1 and not live.redis_url:
        raise SettingsError(
            f"WEB_CONCURRENCY is {settings.workers} and ANTHROPIC_API_KEY is set: several "
            "processes can keep live mode's limits only together, in Redis. Set REDIS_URL, or "
            "WEB_CONCURRENCY=1"
        )
    if settings.live:
        _check_proxies(environment)
    return settings


def _check_proxies(environment: Mapping[str, str]) -> None:
    """Raises SettingsError for a proxy that live mode cannot use, also where NO_PROXY excepts the
    API: the SDK's client takes all of them or none."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        # Other programs take both spellings too, and the small one first.
        text = environment.get(name, environment.get(name.upper(), ""))
        try:
            _http(text if not text or "://" in text else f"http://{text}")
        except ValueError:
            if text:
                raise SettingsError(
                    f"{name.upper()} is {_without_password(text)!r}, and ANTHROPIC_API_KEY is set: "
                    "live mode takes the address of an HTTP proxy, such as "
                    f"http://127.0.0.1:3128, and no SOCKS. Without a proxy: {name}= make run"
                ) from None


def example() -> str:
    """The file `.env.example`: every variable with what it is for, commented out at its default."""
    head = (
        "# Copy it to .env, and take away the # of what you set. Variables of the environment win."
    )
    parts = [head]
    for title, settings in (("The site", Settings), ("Live mode", LiveSettings)):
        parts.append(f"# --- {title} ---")
        parts += [_explained(variable) for variable in variables(settings)]
    return "\n\n".join(parts) + "\n"


def _explained(variable: Variable) -> str:
    lines = [*wrap(variable.help, 97), *wrap(f"Takes {variable.takes}.", 97)]
    comment = "\n".join(f"# {line}" for line in lines)
    return f"{comment}\n#{variable.name}={variable.default}"


def _values(settings: type, environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        one.name: one.metadata["variable"].value(environment)
        for one in fields(settings)
        if one.metadata
    }


def is_loopback(host: str | None) -> bool:
    """Whether a host or an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _address_of(host: str, port: int) -> str:
    return f"http://{in_url(host)}:{port}"


def in_url(host: str) -> str:
    """The host as a URL spells it: IPv6 addresses stand in brackets."""
    return f"[{host}]" if ":" in host else host
