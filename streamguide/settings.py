"""What the environment can set. The only module that reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any, ClassVar, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
)

from streamguide.files import IS_INSTALLED, ROOT

T = TypeVar("T")
Network = IPv4Network | IPv6Network

# In ASCII, as a resolver is asked for it.
_HOST = re.compile("[a-z0-9._-]+")


class SettingsError(ValueError):
    """An invalid setting: the message names the variable, its value, and the valid values."""


def _digits(text: str) -> str:
    # pydantic also converts 5.0.
    return _match("[0-9]+", text)


def _decimals(text: str) -> str:
    # pydantic also converts 1_0, nan and inf.
    return _match("[0-9.]+", text)


def _match(pattern: str, text: str) -> str:
    if not re.fullmatch(pattern, text):
        raise ValueError
    return text


def _split(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _host(name: str) -> str:
    return _match("[^/:@* ]+", name).lower()


def _sendable(secret: SecretStr) -> SecretStr:
    # Spaces and other scripts come from a wrong copy, and cannot be sent in a header.
    text = secret.get_secret_value()
    if not text.isascii() or any(character.isspace() for character in text):
        raise ValueError
    return secret


def _redis(secret: SecretStr) -> SecretStr:
    if urlsplit(secret.get_secret_value()).scheme not in ("redis", "rediss", "unix"):
        raise ValueError
    return secret


def _base_url(text: str) -> str:
    parts = _http(text)
    if parts.query or parts.fragment:
        raise ValueError
    return text.rstrip("/")


def _public_url(text: str) -> str:
    # Pages show it, so it has no password.
    if "@" in urlsplit(text).netloc:
        raise ValueError
    return _base_url(text)


def _http(text: str) -> SplitResult:
    """The parts of an HTTP address. Raises ValueError for one to which nothing can be sent."""
    # urlsplit() removes newlines and tabs, and accepts spaces.
    if not text.isprintable() or " " in text:
        raise ValueError
    parts = urlsplit(text)
    host = parts.hostname or ""
    if ":" in host:
        ip_address(host)
    elif not _HOST.fullmatch(host.encode("idna").decode("ascii")):
        raise ValueError
    # `port` raises ValueError for an invalid one.
    if parts.scheme not in ("http", "https") or parts.port == 0:
        raise ValueError
    return parts


def _folder(text: str) -> str:
    try:
        is_folder = Path(text).is_dir()
    except OSError:
        is_folder = False
    if not is_folder:
        raise ValueError
    return text


def _takes(text: str, **constraints: Any) -> Any:
    """The constraints of a type, and the words in which messages and pages say them."""
    return Field(json_schema_extra={"takes": text}, **constraints)


def _whole(low: int, high: int) -> Any:
    return _takes(f"a number from {low} to {high}", ge=low, le=high)


Host = Annotated[str, _takes("an address of this machine")]
Integer = Annotated[int, BeforeValidator(_digits)]
Port = Annotated[Integer, _takes("a number from 0 to 65535 (0: any free)", ge=0, le=65535)]
Workers = Annotated[Integer, _takes("a number of processes, from 1 to 64", ge=1, le=64)]
Count = Annotated[Integer, _takes("a number from 1", ge=1, le=1_000_000_000)]
Decimal = Annotated[float, BeforeValidator(_decimals)]
Dollars = Annotated[Decimal, _takes("US dollars, from 0.01 to 1000000", ge=0.01, le=1_000_000)]
Seconds = Annotated[Decimal, _takes("seconds, from 0.1 to 3600", ge=0.1, le=3600)]
Secret = Annotated[SecretStr, AfterValidator(_sendable)]
ApiKey = Annotated[Secret, _takes("a key of the Claude API, which has no spaces")]
AccessCode = Annotated[Secret, _takes("a word without spaces")]
# A secret, because it may contain a password.
RedisUrl = Annotated[
    SecretStr,
    AfterValidator(_redis),
    _takes("the address of a Redis server, such as redis://127.0.0.1:6379/0"),
]
ApiUrl = Annotated[
    str,
    AfterValidator(_base_url),
    _takes("the address of an API, such as https://api.anthropic.com"),
]
RecordUrl = Annotated[
    str,
    AfterValidator(_public_url),
    _takes("the address of an API without a password, such as https://api.anthropic.com"),
]
SiteUrl = Annotated[
    str, AfterValidator(_public_url), _takes("the site's address, such as https://example.org")
]
ModelIds = Annotated[
    tuple[str, ...], BeforeValidator(_split), _takes("ids of models, separated by commas")
]
Hosts = Annotated[
    tuple[Annotated[str, AfterValidator(_host)], ...],
    BeforeValidator(_split),
    _takes("names without ports, such as example.org, www.example.org"),
]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_split)]
Folder = Annotated[str, AfterValidator(_folder), _takes("the path of a folder that exists")]
Proxies = Annotated[Networks, _takes("addresses or networks, such as 127.0.0.1, 10.0.0.0/8")]
Readers = Annotated[Networks, _takes("addresses or networks, such as 10.0.0.5")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """Live mode: the API that it asks, and its limits. Times are in seconds.

    The variable of a field is LIVE_ and its name, or its alias. The text below a field is its help
    in `.env.example` and in the guide.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        alias_generator=lambda name: f"LIVE_{name.upper()}",
    )

    key: Annotated[ApiKey, Field(alias="ANTHROPIC_API_KEY")] = SecretStr("")
    """Switches live mode on. It never leaves the server."""
    base_url: Annotated[ApiUrl, Field(alias="ANTHROPIC_BASE_URL")] = "https://api.anthropic.com"
    """Whom live mode asks; http://127.0.0.1:8000/simulator is this site's own simulator."""
    models: ModelIds = ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5")
    """Models that visitors may choose; the first is chosen at the start."""
    access_code: AccessCode = SecretStr("")
    """What visitors must know to use live mode; empty: nothing."""
    redis_url: Annotated[RedisUrl, Field(alias="REDIS_URL")] = SecretStr("")
    """Where limits are counted; in memory without it, which only one process can do."""
    max_tokens: Annotated[Integer, _whole(1, 128_000)] = 4096
    """The most that a request may set as max_tokens. Thinking counts too."""
    prompt_characters: Annotated[Integer, _whole(1, 10_000_000)] = 20_000
    """The most characters of text in a request."""
    visitor_per_minute: Count = 6
    """Requests per minute of one visitor. A visitor is an address (IPv6: its /64)."""
    per_minute: Count = 60
    """Requests per minute of all visitors together."""
    visitor_streams: Count = 2
    """Streams that one visitor may have open."""
    streams: Count = 100
    """Streams open in all."""
    tokens_per_day: Count = 500_000
    """Output tokens a day (UTC), of all visitors together."""
    dollars_per_day: Dollars = 5
    """Dollars a day (UTC), by this site's price table."""
    connect_seconds: Seconds = 10
    """How long a connection to the API may take."""
    first_event_seconds: Seconds = 60
    """How long the first event may take, from the request, retries included."""
    silence_seconds: Seconds = 120
    """How long the API may then be silent; a ping ends a silence. While Claude thinks unseen,
    minutes may pass."""
    request_seconds: Seconds = 900
    """How long a request may take in all."""
    heartbeat_seconds: Seconds = 10
    """After so much silence the visitor is sent a comment line, so that proxies hold the line."""
    retries: Annotated[Integer, _whole(0, 10)] = 2
    """How often a request is made again before anything was passed on."""
    breaker_failures: Count = 5
    """Failures in a row after which the API is left alone."""
    breaker_seconds: Seconds = 30
    """For how long; then one request tries whether it answers again."""
    stop_seconds: Seconds = 20
    """How long open streams may run on when the server is told to stop."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the site listens, the address under which others know it, and live mode if it is on.

    The variable of a field is its name, or its alias; `live` has variables of its own.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        use_attribute_docstrings=True, hide_input_in_errors=True, alias_generator=str.upper
    )

    host: Host = "127.0.0.1"
    """The address on which the site listens."""
    port: Port = 8000
    """Its port."""
    site_url: SiteUrl = "http://127.0.0.1:8000"
    """The address under which others know the site; HOST and PORT make one without it."""
    workers: Annotated[Workers, Field(alias="WEB_CONCURRENCY")] = 1
    """gunicorn's workers. A simulator has one; live mode in several needs REDIS_URL."""
    client_seconds: Seconds = 30
    """How long a client may take to send a request's head, then its body, and to begin the next
    one. gunicorn gives 2 s for the first and the last."""
    visitor_per_minute: Count = 300
    """Requests per minute of one visitor to simulator, generator and demo; no limit on a local
    site."""
    visitor_streams: Count = 50
    """Streams of the simulator that one visitor may have open; no limit on a local site."""
    key_streams: Count = 500
    """Streams of the simulator that may be open with a key of its page; no limit on a local
    site."""
    scenarios: Folder = ""
    """A folder of your own scenarios, recordings and texts for the simulator; empty: none."""
    record_base_url: RecordUrl = "https://api.anthropic.com"
    """Where /record passes requests on to, with the key of the program that sends them."""
    recordings: Folder = ""
    """A folder that keeps what passes /record; empty: memory alone, until the site stops."""
    record_from: Readers = ()
    """Who else than this machine may use /record, and see all that was recorded."""
    record_texts: Annotated[Integer, _takes("1 or 0", ge=0, le=1)] = 0
    """Whether recordings have the texts of requests too. Those of answers they always have."""
    record_most: Count = 200
    """The most recordings in memory, where the oldest go, and in the folder, where all stay."""
    record_bytes: Annotated[Integer, _whole(1, 32_000_000)] = 4_194_304
    """The most bytes of an answer that is kept. The simulator plays up to 4194304."""
    record_total_bytes: Count = 67_108_864
    """The most bytes of all recordings together, in memory and in the folder."""
    trusted_proxies: Proxies = ()
    """Proxies whose X-Forwarded-For says who the visitor is. From others it is not believed."""
    allowed_hosts: Hosts = ()
    """Hosts that live mode, the journal and /metrics answer to, beside SITE_URL's own and, on a
    local site, this machine's."""
    metrics_from: Readers = ()
    """Who else than this machine may read /metrics."""
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


_SITE, _LIVE = TypeAdapter(Settings), TypeAdapter(LiveSettings)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment, with its default as text."""

    name: str
    default: str
    takes: str
    help: str
    is_secret: bool


@cache
def variables(settings: type) -> tuple[Variable, ...]:
    """The variables that set the fields of a class, in their order."""
    schema = TypeAdapter(settings).json_schema()
    return tuple(
        Variable(
            name,
            ", ".join(one["default"]) if isinstance(one["default"], list) else str(one["default"]),
            one["takes"],
            " ".join(one["description"].split()),
            is_secret="writeOnly" in one,
        )
        for name, one in schema["properties"].items()
        if "takes" in one
    )


def read() -> Settings:
    """The settings of the environment and of the file `.env`, of which the environment wins.

    ENV_FILE names another file. Raises SettingsError.
    """
    # The simulator by itself takes arguments instead, and does without this package.
    from dotenv import dotenv_values

    file = os.environ.get("ENV_FILE") or (Path(".env") if IS_INSTALLED else ROOT / ".env")
    written = {name: value or "" for name, value in dotenv_values(file).items()}
    return from_environment({**written, **os.environ})


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings of these variables. Raises SettingsError; an empty variable counts as unset."""
    settings = _read(_SITE, variables(Settings), environment)
    if not environment.get("SITE_URL"):
        settings = replace(settings, site_url=_address_of(settings.host, settings.port))
    if f"{settings.record_base_url}/".startswith(f"{settings.site_url}/record/"):
        raise SettingsError(
            f"RECORD_BASE_URL is {settings.record_base_url}, which is the recorder itself; it "
            "takes the address of an API, such as https://api.anthropic.com"
        )
    # Also without a key, so that a mistake does not wait for the day on which there is one.
    live = _read(_LIVE, variables(LiveSettings), environment)
    if not live.key:
        return settings
    if settings.workers > 1 and not live.redis_url:
        raise SettingsError(
            f"WEB_CONCURRENCY is {settings.workers} and ANTHROPIC_API_KEY is set: several "
            "processes can keep live mode's limits only together, in Redis. Set REDIS_URL, or "
            "WEB_CONCURRENCY=1"
        )
    _check_proxies(environment)
    return replace(settings, live=live)


def _read(settings: TypeAdapter[T], known: Iterable[Variable], environment: Mapping[str, str]) -> T:
    by_name = {variable.name: variable for variable in known}
    texts = {name: environment[name] for name in by_name if environment.get(name)}
    try:
        return settings.validate_python(texts)
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_context=False)[0]["loc"][0])
        variable = by_name[name]
        got = "something else" if variable.is_secret else repr(_without_password(texts[name]))
        raise SettingsError(f"{name} is {got}; it takes {variable.takes}") from None


def _without_password(text: str) -> str:
    return re.sub(".*@", "…@", text, flags=re.DOTALL)


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
