"""Keys that the page gives out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamguide.simulator.keys import is_issued, issue


def test_a_key_is_known_again_and_new_every_time() -> None:
    first, second = issue(), issue()
    assert first != second
    assert is_issued(first) and is_issued(second)


@given(text=st.text(min_size=1))
def test_nothing_else_is_a_key(text: str) -> None:
    assert not is_issued(text)
    assert not is_issued(issue() + text)
    assert not is_issued(text + issue())


def test_the_keys_that_pages_print_are_none() -> None:
    assert not any(map(is_issued, ("any", "any-key", "sk-simulator-", "sk-simulator-any")))
