"""Ending what a greenlet waits for, and nothing else."""

from __future__ import annotations

import gevent
import pytest

from streamguide.live.waiting import Interrupted, Waiting


def test_a_wait_is_ended_at_once() -> None:
    waiting = Waiting()

    def wait() -> None:
        with waiting.interruptible():
            gevent.sleep(60)

    greenlet = gevent.spawn(wait)
    gevent.sleep(0)
    waiting.interrupt()
    with gevent.Timeout(5), pytest.raises(Interrupted):
        greenlet.get()


def test_a_second_interruption_of_a_wait_is_the_first_one() -> None:
    waiting = Waiting()
    caught: list[Interrupted] = []

    def wait() -> None:
        try:
            with waiting.interruptible():
                gevent.sleep(60)
        except Interrupted as interrupted:
            caught.append(interrupted)
        gevent.sleep(0.01)

    greenlet = gevent.spawn(wait)
    gevent.sleep(0)
    waiting.interrupt()
    waiting.interrupt()
    greenlet.get(timeout=5)
    assert len(caught) == 1


def test_what_is_waited_for_before_and_after_is_not_reached() -> None:
    waiting = Waiting()
    done: list[str] = []

    def work() -> None:
        gevent.sleep(0.01)
        done.append("before")
        with waiting.interruptible():
            done.append("inside")
        gevent.sleep(0.01)
        done.append("after")

    greenlet = gevent.spawn(work)
    gevent.sleep(0)
    waiting.interrupt()
    while "inside" not in done:
        gevent.sleep(0.001)
    waiting.interrupt()
    greenlet.get(timeout=5)
    assert done == ["before", "inside", "after"]


def test_an_interruption_that_comes_too_late_is_taken_back() -> None:
    waiting = Waiting()
    done: list[str] = []

    def work() -> None:
        with waiting.interruptible():
            # As if another greenlet did it when this one had just been woken.
            waiting.interrupt()
        gevent.sleep(0.01)
        done.append("after")
        with waiting.interruptible():
            gevent.sleep(0.01)
        done.append("again")

    gevent.spawn(work).get(timeout=5)
    assert done == ["after", "again"]
