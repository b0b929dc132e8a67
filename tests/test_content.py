"""The content as it stands on a day."""

from __future__ import annotations

from datetime import timedelta

from streamguide.content import Today
from tests.dates import DAY_AFTER, END, ENDING, Calendar, content_with_an_end


def test_it_is_made_anew_once_a_day_has_passed() -> None:
    calendar = Calendar(END)
    today = Today(content_with_an_end(), calendar)
    first = today()
    assert today() is first
    assert first.models.by_id[ENDING].status == "deprecated"
    calendar.day = DAY_AFTER
    second = today()
    assert second.models.by_id[ENDING].status == "retired"
    calendar.day += timedelta(days=1)
    assert today() is not second


def test_a_new_day_renders_only_the_pages_that_change() -> None:
    content = content_with_an_end()
    before, after = content.on(END), content.on(DAY_AFTER)
    assert list(before.pages) == list(after.pages)
    changed = [slug for slug in after.pages if after.pages[slug] is not before.pages[slug]]
    assert "models" in changed
    assert "streaming" not in changed
    assert "retired, end of life 2031-05-20" in after.pages["models"].html
    assert "retired, end of life 2031-05-20" in after.pages["models"].markdown
