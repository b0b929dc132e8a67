"""The limits in Redis: what is particular to it, and what happens without it."""

from __future__ import annotations

import logging
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from streamguide.live.limits import Amount, Limits, open_limits
from streamguide.live.stores import PREFIX, Unavailable
from streamguide.settings import SettingsError
from tests.live.counts import (
    NOTHING,
    WORST,
    ask,
    from_noon,
    left,
    let_in,
    places_left,
    refused,
    settings,
)
from tools.server import redis_server


@pytest.fixture
def own_redis() -> Iterator[str]:
    """A server that the test may break."""
    with redis_server() as server:
        yield server.url


def limits_in(url: str, **changes: Any) -> Limits:
    """The limits in this Redis, on a day that does not end, with four places and 100 tokens."""
    few = {"streams": 4, "tokens_per_day": 100, "dollars_per_day": 0.001, **changes}
    return open_limits(settings(url, **few), clock=from_noon)


def test_opening_does_not_connect() -> None:
    limits = open_limits(settings("redis://127.0.0.1:1"))
    with pytest.raises(Unavailable, match="Redis: ConnectionError"):
        let_in(limits, "a", WORST)


@pytest.mark.parametrize(
    "url", ["redis://:pass/word@127.0.0.1", "redis:pass", "redis://127.0.0.1?pasword=pass"]
)
def test_an_address_that_cannot_be_read_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_limits(settings(url))
    assert "REDIS_URL" in str(caught.value)
    assert "pass" not in str(caught.value)


BROKEN: dict[str, tuple[Callable[[Redis], object], Callable[[Redis], object]]] = {
    "ReadOnlyError": (
        lambda client: client.replicaof("127.0.0.1", "1"),
        lambda client: client.replicaof("NO", "ONE"),
    ),
    "OutOfMemoryError": (
        lambda client: client.config_set("maxmemory", 1),
        lambda client: client.config_set("maxmemory", 0),
    ),
}


@pytest.mark.parametrize("error", BROKEN)
def test_a_redis_that_refuses_to_write_admits_nobody_until_it_does(
    own_redis: str, error: str
) -> None:
    limits = limits_in(own_redis)
    with ask(own_redis) as client:
        let_in(limits, "a", WORST).close(NOTHING)
        let_in(limits, "a", NOTHING)
        breaks, mends = BROKEN[error]
        breaks(client)
        with pytest.raises(Unavailable, match=error):
            let_in(limits, "a", WORST)
        mends(client)
        assert left(limits) == Amount(100, 1000)
        assert places_left(limits) == 3
        let_in(limits, "a", WORST)


def test_an_error_in_the_middle_leaves_nothing_reserved(own_redis: str) -> None:
    limits = limits_in(own_redis)
    with ask(own_redis) as client:
        let_in(limits, "a", NOTHING).close()
        (count,) = client.keys("*/microdollars")
        client.delete(count)
        client.lpush(count, "no number")
        with pytest.raises(Unavailable, match="ResponseError"):
            let_in(limits, "a", WORST)
        client.delete(count)
    assert left(limits) == Amount(100, 1000)
    assert places_left(limits) == 4


def test_a_grant_outlives_its_redis_and_says_so_in_the_log(
    own_redis: str, caplog: pytest.LogCaptureFixture
) -> None:
    limits = limits_in(own_redis)
    reservation = let_in(limits, "a", WORST)
    shut_down(own_redis)
    with caplog.at_level(logging.WARNING):
        reservation.renew()
        reservation.close(Amount(1, 1))
    assert [record.getMessage() for record in caplog.records] == [
        "Live mode could not renew a place: Redis: ConnectionError",
        "Live mode could not close a place and settle its cost: Redis: ConnectionError",
    ]
    for use in (
        lambda: let_in(limits, "a", WORST),
        lambda: limits.check_tries("a"),
        lambda: limits.wrong_try("a"),
        limits.reach,
    ):
        with pytest.raises(Unavailable, match="Redis: ConnectionError"):
            use()


def test_the_password_of_a_redis_is_not_in_errors_and_logs(
    own_redis: str, caplog: pytest.LogCaptureFixture
) -> None:
    with ask(own_redis) as client:
        client.config_set("requirepass", "right")
    limits = limits_in(own_redis.replace("unix://", "unix://:guessed@"))
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as caught:
        let_in(limits, "a", WORST)
    assert "guessed" not in repr(caught.value) + caplog.text
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_redis_that_keeps_silent_is_not_waited_for() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(Path(folder) / "silent.sock"))
        silent.listen()
        limits = open_limits(settings(f"unix://{folder}/silent.sock"))
        started = time.monotonic()
        with pytest.raises(Unavailable, match="Redis: TimeoutError"):
            let_in(limits, "a", WORST)
        assert time.monotonic() - started < 5


def test_connections_that_were_lost_are_opened_anew(own_redis: str) -> None:
    limits = limits_in(own_redis)
    let_in(limits, "a", WORST)
    with ask(own_redis) as client:
        client.client_kill_filter(_type="normal", skipme=True)
    let_in(limits, "a", WORST)
    assert places_left(limits) == 2


def test_a_redis_that_has_forgotten_all_counts_open_streams_again_and_nothing_below_zero(
    own_redis: str,
) -> None:
    limits = limits_in(own_redis)
    reservation = let_in(limits, "a", WORST)
    with ask(own_redis) as client:
        client.flushall()
    reservation.renew()
    assert places_left(limits) == 3
    let_in(limits, "b", Amount(3, 500)).close()
    reservation.close(NOTHING)
    assert left(limits) == Amount(100, 600)


def test_redis_holds_no_address_and_nothing_for_ever(own_redis: str) -> None:
    limits = limits_in(own_redis, visitor_streams=2)
    let_in(limits, "192.0.2.7", WORST)
    let_in(limits, "192.0.2.7", WORST)
    refused(limits, "192.0.2.7")
    limits.wrong_try("192.0.2.7")
    with ask(own_redis) as client:
        keys = client.keys("*")
        assert len(keys) == 7
        for key in keys:
            assert key.startswith(f"{PREFIX}:".encode())
            assert b"192.0.2.7" not in key + (client.dump(key) or b"")
            is_daily = b"tokens" in key or b"microdollars" in key
            assert 0 < client.ttl(key) <= (172800 if is_daily else 60)


def shut_down(url: str) -> None:
    with ask(url) as client:
        client.shutdown(nosave=True)
