"""Streams that were recorded, kept as tests of answer.py."""

from pathlib import Path

import anthropic
import pytest
from answer import ask

from streamguide.testing import Claude

RECORDINGS = sorted(Path("recordings").glob("*.sse"))


# region tests
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_what_broke_off_is_not_taken_for_whole(claude: Claude, recording: Path) -> None:
    claude.replays(recording)
    answer = ask(anthropic.Anthropic(), "Hello")
    assert not answer.complete
    assert answer.text.startswith("Hello!")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_nor_is_it_where_it_ends_without_a_word(claude: Claude, recording: Path) -> None:
    claude.replays(recording).breaks("end-early", at=6)
    assert not ask(anthropic.Anthropic(), "Hello").complete


# endregion
