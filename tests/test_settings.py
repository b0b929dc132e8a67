"""Settings from the environment."""

from __future__ import annotations

import re
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
    for variable in ALL:
        assert variable.value({variable.name: variable.default}) == variable.value({})


WRONG = {
    "PORT": ["x", "-1", "65536", "80.5", "²"],
    "SITE_URL": ["example.org", "ftp://example.org", "https://", "http://a/?b"],
    "WEB_CONCURRENCY": ["0", "65", "two"],
    "TRUSTED_PROXIES": ["nginx", "10.0.0.1/8", "1.2.3.4 5.6.7.8"],
    "ALLOWED_HOSTS": ["https://example.org", "example.org:8000", "*.example.org"],
    "METRICS_FROM": ["anyone"],
    "ANTHROPIC_BASE_URL": ["api.anthropic.com"],
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
