"""Long computations: one at a time, and none for a client who has left."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from streamguide.turns import LARGE, Left, Pause, Turns

SECONDS = 30


class Client(threading.local):
    """The client of the request that a thread serves."""

    has_left = False


CLIENT = Client()


@pytest.fixture
def turns() -> Turns:
    return Turns(lambda: CLIENT.has_left)


def compute(turns: Turns, *, has_left: bool) -> str:
    """A small request."""
    CLIENT.has_left = has_left
    with turns.take(1):
        return "computed"


def pause_until(pause: Pause, future: Future[str]) -> None:
    """Compute until another request is over."""
    deadline = time.monotonic() + SECONDS
    while not future.done():
        assert time.monotonic() < deadline
        pause()


def computed_between(turns: Turns, *, has_left: bool) -> str:
    """A small request that waits for its turn while a large one computes."""
    CLIENT.has_left = False
    with ThreadPoolExecutor(1) as pool, turns.take(LARGE) as pause:
        small = pool.submit(compute, turns, has_left=has_left)
        pause_until(pause, small)
        return small.result()


def test_a_small_request_computes_between_the_pieces_of_a_large_one(turns: Turns) -> None:
    assert computed_between(turns, has_left=False) == "computed"


def test_nothing_is_computed_for_a_client_who_left_while_waiting(turns: Turns) -> None:
    with pytest.raises(Left):
        computed_between(turns, has_left=True)
    # The turn is another's.
    assert computed_between(turns, has_left=False) == "computed"


def test_a_large_request_ends_whose_client_left_during_a_smaller_one(turns: Turns) -> None:
    CLIENT.has_left = False
    with ThreadPoolExecutor(1) as pool, pytest.raises(Left), turns.take(LARGE) as pause:
        CLIENT.has_left = True
        pause_until(pause, pool.submit(compute, turns, has_left=False))
    assert computed_between(turns, has_left=False) == "computed"


def test_a_client_who_need_not_wait_is_not_looked_for(turns: Turns) -> None:
    # One who has only shut down his own side gets his answer.
    assert compute(turns, has_left=True) == "computed"
