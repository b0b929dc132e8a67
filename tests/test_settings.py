"""Settings from the environment."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from streamguide import settings as settings_module
from streamguide.settings import (
    LiveSettings,
    Settings,
    SettingsError,
    example,
    from_environment,
    variables,
)

ROOT = Path(__file__).parent.parent
KEY = "sk-ant-test"
ALL = (*variables(Settings), *variables(LiveSettings))


def test_without_variables_the_site_is_local() -> None:
    assert from_environment({}) == Settings("127.0.0.1", 8000, "http://127.0.0.1:8000")


def test_a_site_is_local_as_far_as_its_host_and_its_address_are() -> None:
    assert from_environment({"HOST": "localhost"}).is_local
    assert not from_environment({"HOST": "localhost", "SITE_URL": "https://example.org"}).is_local
    assert not from_environment({"HOST": "0.0.0.0"}).is_local


def test_an_empty_variable_counts_as_unset() -> None:
    assert from_environment({variable.name: "" for variable in ALL}) == Settings()


def test_host_and_port_make_the_address() -> None:
    settings = from_environment({"HOST": "::1", "PORT": "9000"})
    assert settings == Settings("::1", 9000, "http://[::1]:9000")


def test_a_port_that_the_system_chose_stands_in_the_address_unless_that_was_given() -> None:
    made = from_environment({"HOST": "::1", "PORT": "0"}).at_port(9000)
    assert made == Settings("::1", 9000, "http://[::1]:9000")
    given = from_environment({"PORT": "0", "SITE_URL": "https://example.org"}).at_port(9000)
    assert given == Settings("127.0.0.1", 9000, "https://example.org")


def test_site_url_loses_its_last_slash() -> None:
    assert from_environment({"SITE_URL": "https://example.org/"}).site_url == "https://example.org"


def test_a_key_switches_live_mode_on_with_the_defaults() -> None:
    assert from_environment({}).live is None
    assert from_environment({"ANTHROPIC_API_KEY": KEY}).live == LiveSettings(key=SecretStr(KEY))


def test_every_default_is_a_value_that_its_variable_takes() -> None:
    defaults = {variable.name: variable.default for variable in ALL}
    assert len(defaults) == len(fields(LiveSettings)) + len(fields(Settings)) - len({"live"})
    key = {"ANTHROPIC_API_KEY": KEY}
    assert from_environment(defaults | key) == from_environment(key)


WRONG = {
    "PORT": ["x", "-1", "65536", "80.5", "²"],
    "SITE_URL": ["example.org", "ftp://example.org", "https://", "http://a/?b"],
    "WEB_CONCURRENCY": ["0", "65", "two"],
    "SCENARIOS": ["/no/such/folder", "README.md", "a\0b"],
    "TRUSTED_PROXIES": ["nginx", "10.0.0.1/8", "1.2.3.4 5.6.7.8"],
    "ALLOWED_HOSTS": ["https://example.org", "example.org:8000", "*.example.org"],
    "METRICS_FROM": ["anyone"],
    "RECORD_BASE_URL": ["api.anthropic.com", "https://h/?a", "ftp://h"],
    "RECORDINGS": ["/no/such/folder", "README.md"],
    "RECORD_FROM": ["anyone", "10.0.0.1/8"],
    "RECORD_TEXTS": ["2", "yes", "true"],
    "RECORD_MOST": ["0", "all"],
    "RECORD_BYTES": ["0", "32000001"],
    "RECORD_TOTAL_BYTES": ["0", "64 MB"],
    "ANTHROPIC_BASE_URL": [
        *("api.anthropic.com", "http://127.0.0.1:99999", "http://127.0.0.1:0", "http://h:a"),
        *("http://exa mple", "http://exa%20mple", "http://a\nb", "http://a..b", "http://[::1"),
        *("http://[1.2]", "http://:80", f"http://{'a' * 64}.org", "http://a/?b", "http://a/#b"),
    ],
    "LIVE_MAX_TOKENS": ["0", "128001", "1e3", "1_000", "000000010999999999", "1" * 4308],
    "LIVE_PER_MINUTE": ["0", "many"],
    "LIVE_DOLLARS_PER_DAY": ["0", "-5", "nan", "inf", "$5", "5,00"],
    "LIVE_SILENCE_SECONDS": ["0", "3601", "2m", "."],
    "LIVE_RETRIES": ["11", "-1"],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts]
)
def test_a_wrong_setting_is_named_with_what_it_got_and_what_it_takes(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"{name} is {text!r}; it takes ")):
        from_environment({name: text})


def test_an_api_to_record_has_no_password_since_pages_show_it() -> None:
    with pytest.raises(SettingsError, match="RECORD_BASE_URL is '…@h'; it takes ") as raised:
        from_environment({"RECORD_BASE_URL": "https://user:secret@h"})
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("path", ["/record", "/record/", "/record/v1"])
def test_the_recorder_does_not_ask_itself(path: str) -> None:
    with pytest.raises(SettingsError, match="which is the recorder itself"):
        from_environment({"RECORD_BASE_URL": f"http://127.0.0.1:8000{path}"})
    simulator = {"RECORD_BASE_URL": "http://127.0.0.1:8000/simulator"}
    assert from_environment(simulator).record_base_url == simulator["RECORD_BASE_URL"]


def test_a_number_is_the_same_with_zeros_before_it() -> None:
    long = "0" * 4308
    read = from_environment({"PORT": "0008001", "VISITOR_PER_MINUTE": f"{long}7"})
    assert (read.port, read.visitor_per_minute) == (8001, 7)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ANTHROPIC_API_KEY", "sk-ant secret"),
        ("ANTHROPIC_API_KEY", "sk-ant-sécret"),
        ("LIVE_ACCESS_CODE", "a secret"),
        ("REDIS_URL", "http://user:secret@redis"),
    ],
)
def test_a_wrong_secret_is_named_without_what_it_got(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is something else; it takes ") as raised:
        from_environment({name: text})
    assert text not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("name", ["ANTHROPIC_BASE_URL", "SITE_URL"])
@pytest.mark.parametrize("address", ["ftp://u:hidden@h", "http://u:hidden@h:99999", "u:hid@den@h"])
def test_a_wrong_address_is_named_without_its_password(name: str, address: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is '…@h.*it takes the .*address") as raised:
        from_environment({name: address})
    assert "hid" not in str(raised.value)


def test_the_sites_own_address_has_no_password_because_pages_show_it() -> None:
    with pytest.raises(SettingsError, match="SITE_URL is '…@h'"):
        from_environment({"SITE_URL": "https://u:hidden@h"})
    gateway = "https://u:hidden@h"
    assert from_environment({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": gateway}).live


@pytest.mark.parametrize(
    "address", ["http://[::1]:8000", "https://bücher.example", "http://a_b.c:1/simulator"]
)
def test_an_address_may_be_of_any_kind_that_can_be_asked(address: str) -> None:
    assert from_environment({"SITE_URL": address}).site_url == address


PROXIES = ["socks5://u:hidden@h:7890", "socks5h://h", "junk://h", "http://u:hidden@[::1", "h:99999"]


@pytest.mark.parametrize("name", ["ALL_PROXY", "https_proxy", "HTTP_PROXY"])
@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_that_live_mode_cannot_use_is_named(name: str, proxy: str) -> None:
    environment = {name: proxy, "NO_PROXY": "127.0.0.1"}
    with pytest.raises(SettingsError, match=f"{name.upper()} is .*HTTP proxy") as raised:
        from_environment({**environment, "ANTHROPIC_API_KEY": KEY})
    assert "hidden" not in str(raised.value)
    # Without live mode nobody is asked.
    from_environment(environment)


def test_a_proxy_of_http_is_taken_and_an_empty_one_is_none() -> None:
    for proxy in ("", "http://u:pw@h:3128", "https://h", "h:3128"):
        assert from_environment({"ANTHROPIC_API_KEY": KEY, "ALL_PROXY": proxy}).live
    # Of two spellings the small one counts.
    both = {"ALL_PROXY": "socks5://h", "all_proxy": ""}
    assert from_environment({"ANTHROPIC_API_KEY": KEY, **both}).live


def test_no_secret_is_in_the_repr_of_the_settings() -> None:
    secrets = {
        "ANTHROPIC_API_KEY": KEY,
        "LIVE_ACCESS_CODE": "open-sesame",
        "REDIS_URL": "redis://:password@host",
    }
    shown = repr(from_environment(secrets))
    assert not any(secret in shown for secret in secrets.values())


@given(st.text(), st.sampled_from(ALL))
def test_any_text_is_a_value_or_a_settings_error(
    text: str, variable: settings_module.Variable
) -> None:
    try:
        from_environment({variable.name: text})
    except SettingsError as error:
        assert variable.name in str(error)


def test_several_workers_with_a_key_need_redis() -> None:
    several = {"ANTHROPIC_API_KEY": KEY, "WEB_CONCURRENCY": "2"}
    with pytest.raises(SettingsError, match="Set REDIS_URL, or WEB_CONCURRENCY=1"):
        from_environment(several)
    assert from_environment({**several, "REDIS_URL": "redis://127.0.0.1"}).workers == 2
    assert from_environment({"WEB_CONCURRENCY": "2"}).workers == 2


def test_the_example_file_is_that_of_the_settings() -> None:
    written = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert written == example(), "run: make goldens"
    assert all(f"\n#{variable.name}=" in written for variable in ALL)


def test_a_file_sets_what_the_environment_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings"
    file.write_text("PORT=9001\nHOST=::1\n#SITE_URL=x\n", encoding="utf-8")
    for variable in ALL:
        monkeypatch.delenv(variable.name, raising=False)
    monkeypatch.setenv("ENV_FILE", str(file))
    monkeypatch.setenv("PORT", "9002")
    assert settings_module.read() == Settings("::1", 9002, "http://[::1]:9002")
