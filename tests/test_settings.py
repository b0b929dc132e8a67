"""Settings from the environment."""

from __future__ import annotations

import re

import pytest

from streamguide.settings import Settings, SettingsError, from_environment


def test_without_variables_the_site_is_local() -> None:
    assert from_environment({}) == Settings("127.0.0.1", 8000, "http://127.0.0.1:8000")


def test_an_empty_variable_counts_as_unset() -> None:
    assert from_environment({"HOST": "", "PORT": "", "SITE_URL": ""}) == Settings()


def test_host_and_port_make_the_address() -> None:
    settings = from_environment({"HOST": "::1", "PORT": "9000"})
    assert settings == Settings("::1", 9000, "http://[::1]:9000")


def test_site_url_loses_its_last_slash() -> None:
    assert from_environment({"SITE_URL": "https://example.org/"}).site_url == "https://example.org"


@pytest.mark.parametrize("port", ["x", "-1", "65536", "80.5", "²"])
def test_a_port_that_is_none_is_refused_with_what_it_takes(port: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"PORT is {port!r}; it takes a number")):
        from_environment({"PORT": port})


@pytest.mark.parametrize("url", ["example.org", "ftp://example.org", "https://", "http://a/?b"])
def test_a_site_url_that_is_none_is_refused_with_what_it_takes(url: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"SITE_URL is {url!r}; it takes")):
        from_environment({"SITE_URL": url})
