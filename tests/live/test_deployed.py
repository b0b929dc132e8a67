"""Live mode as it is run for others: through nginx, in two workers of gunicorn, with Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from streamguide.live.limits import Limits, open_limits
from tests.live.asking import (
    KEY,
    TIMEOUT,
    LiveAnswer,
    direct,
    live_site,
    request_of,
    told,
    within,
    wrong_end,
    wrong_events,
    wrong_retry,
)
from tests.live.counts import left, places_left, settings
from tests.live.deployed import (
    GUNICORN,
    VISITOR,
    Change,
    Deployed,
    Visitor,
    app,
    deployed,
    live_settings,
    nginx,
)
from tests.live.endless import endless
from tools.faults.cases import Case, program_cases
from tools.process import ROOT
from tools.server import Process, environment, free_port, running

CASES = program_cases()
VISITORS = 200
# Of a request, as asking.py makes it.
RESERVED = 1000
PATIENT = {"LIVE_SILENCE_SECONDS": "30", "LIVE_FIRST_EVENT_SECONDS": "60"}
LIMITED = {**PATIENT, "LIVE_VISITOR_PER_MINUTE": "3"}
STOPPING = {**PATIENT, "LIVE_STOP_SECONDS": "3"}

# The simulator, with a journal for the requests of a crowd that all have one key.
SIMULATOR = """
from gevent import monkey
monkey.patch_all()
from streamguide.simulator import journal
journal.MOST_REQUESTS = 10_000
import app
app.main()
"""


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Claude, in a process of its own."""
    program = tmp_path_factory.mktemp("simulator") / "roomy.py"
    program.write_text(SIMULATOR)
    with running({"PYTHONPATH": str(ROOT)}, str(program)) as server:
        yield server.url


@pytest.fixture(scope="module")
def wide(simulator: str) -> Iterator[Deployed]:
    """Limits that no test reaches, and short times."""
    with deployed(simulator) as site:
        yield site


@pytest.fixture(scope="module")
def limited(simulator: str) -> Iterator[Deployed]:
    """Three requests a minute for each visitor."""
    with deployed(simulator, LIMITED) as site:
        yield site


def limits_of(site: Deployed, day: float | None = None, **changes: Any) -> Limits:
    """What the workers count in Redis, seen from here: today, or on another day."""
    clock = time.time if day is None else lambda: day
    return open_limits(settings(site.redis.url, **changes), clock=clock)


def spent(site: Deployed) -> int:
    """The tokens of today and yesterday: at midnight nothing of a test is lost."""
    most, now = 10**9, time.time()
    days = [limits_of(site, day, tokens_per_day=most) for day in (now - 86400, now)]
    return sum(most - left(limits).tokens for limits in days)


def spent_before(site: Deployed) -> int:
    """What is spent once the streams of earlier tests are settled."""
    limits = limits_of(site, streams=1)
    within(20, lambda: places_left(limits) == 1)
    return spent(site)


COMPLETE = 'live_streams_total{end="complete"}'
OPEN = "live_open_streams"


def metrics(site: Deployed) -> dict[str, float]:
    """The numbers of `/metrics`. One that has labels is there once something was counted."""
    # Past nginx, as a monitor on the machine asks.
    text = httpx2.get(f"{site.server.url}/metrics").text
    found = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in found}


def at_once(visitors: list[Visitor], seconds: float = 60) -> None:
    """Let all of them come, until each has its first bytes."""
    for visitor in visitors:
        visitor.start()
    deadline = time.monotonic() + seconds
    assert all(visitor.begun.wait(deadline - time.monotonic()) for visitor in visitors)


# --- every fault ---


def of_each(asked: list[Case], ask: Any) -> dict[str, Any]:
    with ThreadPoolExecutor(8) as pool:
        return dict(zip((case.fault for case in asked), pool.map(ask, asked), strict=True))


def found(problems: dict[str, str]) -> dict[str, str]:
    return {fault: problem for fault, problem in problems.items() if problem}


@pytest.fixture(scope="module")
def answers(wide: Deployed) -> dict[str, LiveAnswer]:
    """What came through on each fault."""
    return of_each(CASES, lambda case: wide.ask(told(case)))


def test_on_every_fault_the_answer_is_whole_or_says_what_is_missing(
    answers: dict[str, LiveAnswer],
) -> None:
    assert found({fault: wrong_end(answer) for fault, answer in answers.items()}) == {}


def test_on_no_fault_an_event_is_lost_or_changed(
    wide: Deployed, answers: dict[str, LiveAnswer]
) -> None:
    lasting = [case for case in CASES if not case.passes]
    # A silence that live mode ends need not be waited for to know what would come after it.
    sent = of_each(
        lasting,
        lambda case: direct(wide.simulator, told(case).replace("seconds=30", "seconds=0.1")),
    )
    assert (
        found(
            {
                case.fault: wrong_events(case, answers[case.fault], sent[case.fault])
                for case in lasting
            }
        )
        == {}
    )


def test_a_fault_that_passes_is_met_by_whichever_worker_and_tried_again(
    answers: dict[str, LiveAnswer],
) -> None:
    passing = [case for case in CASES if case.passes]
    assert found({case.fault: wrong_retry(case, answers[case.fault]) for case in passing}) == {}


# --- streams through nginx ---


def test_events_arrive_one_by_one(wide: Deployed) -> None:
    times = []
    with httpx2.stream(
        "POST",
        f"{wide.url}/live/messages",
        json=request_of("simulate: hello/pace;seconds=0.1"),
        headers={"origin": wide.url, "accept-encoding": "gzip"},
    ) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "content-encoding" not in response.headers
        times += [time.monotonic() for chunk in response.iter_raw() if b"event:" in chunk]
    # Some may come together on a busy machine, but all of them at once would be one.
    assert len(times) > 10
    assert times[-1] - times[0] > 1.5


# Each of both would do alone.
@pytest.mark.parametrize(
    "change",
    [
        ("\nhttp {", "\nhttp {\n    proxy_ignore_headers X-Accel-Buffering;"),
        ("            proxy_buffering off;\n", ""),
    ],
    ids=["by nginx's configuration", "by the header of the stream"],
)
def test_a_visitor_who_takes_nothing_holds_claude_back_through_nginx(
    change: Change, tmp_path: Path
) -> None:
    front = f"http://127.0.0.1:{free_port()}"
    with (
        endless() as claude,
        live_site(claude.url, {"SITE_URL": front}) as site,
        nginx(tmp_path, front, site.url, change=change),
        site.connect(front=front),
    ):
        assert claude.is_held.wait(TIMEOUT)
    # nginx alone would take seven thousand off its hands, a gigabyte.
    assert claude.sent < 1000


def test_a_silence_is_filled_with_comments(wide: Deployed) -> None:
    answer = wide.ask("simulate: hello/slow;factor=0+stall;seconds=1.8")
    assert answer.events[-1]["type"] == "message_stop"
    assert answer.comments >= 2


@pytest.mark.parametrize("fault", ["stall;seconds=60", "slow-headers;seconds=60", "slow;factor=9"])
def test_a_visitor_who_leaves_nginx_ends_the_request_to_claude(wide: Deployed, fault: str) -> None:
    word = uuid4().hex
    with wide.connect(f"simulate: hello/{fault} {word}") as connection:
        if not fault.startswith("slow-headers"):
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        within(30, lambda: len(wide.journal(word)) == 1)
    within(2, lambda: wide.journal(word)[0]["ended"] is not None)
    assert wide.journal(word)[0]["ended"] == "left"


def test_a_body_over_the_limit_of_nginx_is_refused_in_the_envelope(wide: Deployed) -> None:
    answer = wide.ask("x" * 2_000_000)
    assert (answer.status, answer.code) == (413, "request_too_large")
    assert answer.headers["request-id"].startswith("nginx_")


def test_the_simulator_takes_large_bodies_and_refuses_too_large_ones_itself(
    wide: Deployed,
) -> None:
    def ask(size: int) -> httpx2.Response:
        return httpx2.post(
            f"{wide.url}/simulator/v1/messages",
            json=request_of("x" * size),
            headers={"x-api-key": "any", "anthropic-version": "2026-10-21"},
            timeout=60,
        )

    assert ask(2_000_000).status_code == 200
    refused = ask(32 * 1024 * 1024)
    assert refused.status_code == 413
    assert not refused.headers["request-id"].startswith("nginx_")


def test_the_journal_of_a_key_tells_nobody_the_address_of_who_used_it(
    simulator: str, tmp_path: Path
) -> None:
    front = f"http://127.0.0.1:{free_port()}"
    url, key = f"{front}/simulator", {"x-api-key": uuid4().hex}
    visitor = httpx2.HTTPTransport(local_address=VISITOR)
    with nginx(tmp_path, front, simulator), httpx2.Client(transport=visitor) as client:
        sent = client.post(f"{url}/v1/messages", json=request_of("Hello"), headers=key)
        told = httpx2.get(f"{url}/journal.json", headers=key)
    assert [one["request_id"] for one in told.json()["requests"]] == [sent.headers["request-id"]]
    assert VISITOR not in told.text


def test_static_files_are_kept_by_nginx_and_by_browsers(wide: Deployed) -> None:
    page = httpx2.get(f"{wide.url}/").text
    path = page[page.index("/static/") :].partition('"')[0]
    first = httpx2.get(f"{wide.url}{path}")
    assert "immutable" in first.headers["cache-control"]
    again = httpx2.get(f"{wide.url}{path}", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


# --- a crowd ---


def test_what_finished_streams_used_is_what_is_counted(wide: Deployed) -> None:
    before = spent_before(wide)
    streams_before = metrics(wide).get(COMPLETE, 0)
    visitors = [Visitor(wide.url, "simulate: hello/slow;factor=0") for _ in range(40)]
    at_once(visitors)
    for visitor in visitors:
        visitor.join()
    assert all(visitor.is_whole for visitor in visitors)
    used = sum(visitor.used for visitor in visitors)
    assert used > 0
    within(20, lambda: spent(wide) - before == used)

    def all_are_told() -> bool:
        return metrics(wide).get(COMPLETE, 0) - streams_before == len(visitors)

    # A stream is settled first, and told a moment later.
    within(20, all_are_told)
    for worker in wide.workers():
        with wide.only(worker):
            assert all_are_told()


def test_a_crowd_survives_those_who_leave_and_a_worker_that_dies(limited: Deployed) -> None:
    before, word = spent_before(limited), uuid4().hex
    prompt = f"simulate: hello/pace;seconds=0.3 {word}"
    visitors = [Visitor(limited.url, prompt, f"127.1.0.{n}") for n in range(1, VISITORS + 1)]
    at_once(visitors)
    leaving, staying = visitors[::3], [one for n, one in enumerate(visitors) if n % 3]
    for visitor in leaving:
        visitor.leave()
    killed = kill_a_worker(limited, staying)
    for visitor in staying:
        visitor.join()

    cut = [visitor for visitor in staying if not visitor.is_whole]
    assert 0 < len(cut) <= killed < len(staying)
    assert all(visitor.was_cut for visitor in cut)
    assert_nothing_stays_open(limited, word)
    assert_enough_is_counted(limited, visitors, before)
    # Also those of the worker that died are told no longer.
    within(20, lambda: metrics(limited)[OPEN] == 0)
    limited.wait_until_ready()
    assert limited.ask_from("127.0.0.6").status == 200


def test_metrics_tell_of_the_open_streams_of_both_workers_whichever_is_asked(
    limited: Deployed,
) -> None:
    one, other = limited.workers()
    shares = {one: watching(limited, 1), other: watching(limited, 2)}
    within(20, lambda: told_by_each(limited) == [0, 0])
    for worker, visitors in shares.items():
        with limited.accepting(worker):
            at_once(visitors)
    assert told_by_each(limited) == [3, 3]
    for visitor in shares[other]:
        visitor.leave()
    within(20, lambda: told_by_each(limited) == [1, 1])
    for visitor in shares[one]:
        visitor.leave()
    within(20, lambda: told_by_each(limited) == [0, 0])


def watching(site: Deployed, count: int) -> list[Visitor]:
    """Visitors of a stream that falls silent. They ask gunicorn, where a worker is chosen."""
    return [
        Visitor(site.server.url, "simulate: hello/stall;seconds=60", f"127.2.{count}.{n}")
        for n in range(1, count + 1)
    ]


def told_by_each(site: Deployed) -> list[float]:
    """The open streams by the metrics of each worker."""
    told = []
    for worker in site.workers():
        with site.accepting(worker):
            told.append(metrics(site)[OPEN])
    return told


def kill_a_worker(site: Deployed, staying: list[Visitor]) -> int:
    """Kill one in the middle of its streams: how many it had open."""

    def is_settled() -> bool:
        still = sum(visitor.is_alive() for visitor in staying)
        return sum(map(site.held, site.workers())) == still

    within(20, is_settled)
    victim = max(site.workers(), key=site.held)
    # Halted first, so that what is counted is what is lost.
    os.kill(victim, signal.SIGSTOP)
    held = site.held(victim)
    os.kill(victim, signal.SIGKILL)
    return held


def assert_nothing_stays_open(site: Deployed, word: str) -> None:
    def has_ended() -> bool:
        return all(one["ended"] is not None for one in site.journal(word))

    within(20, has_ended)
    assert len(site.journal(word)) == VISITORS


def assert_enough_is_counted(site: Deployed, visitors: list[Visitor], before: int) -> None:
    """Never less than what was used; what nobody can know counts as reserved."""
    used = sum(visitor.used for visitor in visitors)
    unfinished = sum(not visitor.is_whole for visitor in visitors)
    # Settled a moment after the last byte.
    within(20, lambda: spent(site) - before <= used + unfinished * RESERVED)
    assert spent(site) - before >= used


# --- limits ---


def test_a_limit_holds_over_both_workers(limited: Deployed) -> None:
    one, other = limited.workers()
    with limited.only(one):
        assert [limited.ask_from("127.0.0.3").status for _ in range(2)] == [200, 200]
    with limited.only(other):
        assert limited.ask_from("127.0.0.3").status == 200
        refused = limited.ask_from("127.0.0.3")
    assert (refused.status, refused.code) == (429, "visitor_per_minute")
    assert 0 < int(refused.headers["retry-after"]) <= 60


def test_each_address_is_a_visitor_whatever_it_claims_to_be(limited: Deployed) -> None:
    claims = [{"x-forwarded-for": f"10.0.0.{n}"} for n in range(4)]
    statuses = [limited.ask_from(VISITOR, headers=claim).status for claim in claims]
    assert statuses == [200, 200, 200, 429]
    assert limited.ask_from("127.0.0.4").status == 200


def test_what_no_trusted_proxy_forwards_is_not_believed(limited: Deployed) -> None:
    def ask(claim: str) -> int:
        # Past nginx, from an address that TRUSTED_PROXIES does not name.
        headers = {"x-forwarded-for": claim}
        return limited.ask_from("127.0.0.5", headers=headers, url=limited.server.url).status

    assert [ask(f"10.0.0.{n}") for n in range(4)] == [200, 200, 200, 429]


def test_without_redis_live_mode_refuses_and_the_rest_goes_on(wide: Deployed) -> None:
    wide.redis.stop()
    try:
        refused = wide.ask()
        assert (refused.status, refused.code) == (503, "limits_unavailable")
        assert refused.headers["retry-after"]
        assert all(
            httpx2.get(f"{wide.url}{page}").status_code == 200 for page in ("/", "/guide/stream")
        )
    finally:
        wide.redis.start()
    within(30, lambda: wide.ask("simulate: hello/slow;factor=0").status == 200)


# --- the end ---


def assert_stops_well(started: Process, url: str) -> None:
    """After SIGTERM nobody gets a new stream, and an open one runs on until its time is up."""
    short = Visitor(url, "simulate: hello/pace;seconds=0.05")
    long = Visitor(url, "simulate: hello/pace;seconds=1")
    at_once([short, long])
    began = time.monotonic()
    started.told_to_stop()
    within(2, lambda: is_refused(url))
    for visitor in (short, long):
        visitor.join()
    assert time.monotonic() - began > float(STOPPING["LIVE_STOP_SECONDS"]) - 0.5
    assert short.is_whole
    assert [event["type"] for event in long.events].count("error") == 1
    assert long.events[-1]["error"]["details"]["error_code"] == "live_stopping"
    assert started.exit_code() == 0


def is_refused(url: str) -> bool:
    """Whether who asks now gets no stream."""
    visitor = Visitor(url, "simulate: hello/slow;factor=0")
    visitor.run()
    return visitor.was_cut or visitor.status in (502, 503)


def test_gunicorn_that_stops_tells_open_streams_and_takes_no_others(simulator: str) -> None:
    with deployed(simulator, STOPPING) as site:
        assert_stops_well(site.gunicorn, site.url)
        away = site.ask()
        assert (away.status, away.code) == (502, "site_away")
        assert away.headers["retry-after"]


def test_app_py_that_stops_tells_open_streams_and_takes_no_others(simulator: str) -> None:
    with app(simulator, STOPPING) as started:
        assert_stops_well(started, started.url)


def test_several_workers_with_a_key_do_not_start_without_redis() -> None:
    extra = {**live_settings("http://127.0.0.1:9"), "WEB_CONCURRENCY": "2", "REDIS_URL": ""}
    ended = subprocess.run(
        [GUNICORN], cwd=ROOT, env=environment(extra), capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    for name in ("WEB_CONCURRENCY", "ANTHROPIC_API_KEY", "REDIS_URL"):
        assert name in ended.stderr
    assert KEY not in ended.stdout + ended.stderr
