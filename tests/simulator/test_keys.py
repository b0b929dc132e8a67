"""Keys that the page gives out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamguide.simulator.keys import Keys


def test_a_key_is_known_again_and_new_every_time() -> None:
    keys = Keys(b"secret")
    first, second = keys.issue(), keys.issue()
    assert first != second
    assert keys.issued(first) and keys.issued(second)
    assert Keys(b"secret").issued(first)


def test_a_key_of_another_process_is_not_known() -> None:
    assert not Keys().issued(Keys().issue())


@given(key=st.text())
def test_nothing_else_is_a_key(key: str) -> None:
    assert not Keys(b"secret").issued(key)
    assert not Keys(b"secret").issued(Keys(b"secret").issue() + key + "x")
