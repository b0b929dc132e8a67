"""The guide as it is: pages in order, anchors that are unique, links that lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from streamguide.content import Content
from streamguide.content_file import ContentError
from streamguide.files import CONTENT
from streamguide.generator.options import read
from streamguide.guide.context import ContentContext
from streamguide.guide.pages import GuidePage, load_guide
from streamguide.simulator import faults
from streamguide.simulator.recorded import named
from tests.entries import entries_of
from tests.guide.conftest import FRONT


class Attributes(HTMLParser):
    """Collects ids, the targets of links, and elements that ids are referred to by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")


@cache
def ids_in(html: str) -> list[str]:
    return Attributes(html).ids


def ids_of(page: GuidePage) -> list[str]:
    return ids_in(page.html)


def test_pages_come_by_group_in_the_order_that_they_state(
    tmp_path: Path, content_context: ContentContext
) -> None:
    files = (("b", "Build", 1), ("a", "Build", 2), ("c", "Build", 1), ("d", "Start", 9))
    for name, group, order in files:
        text = FRONT.replace("order = 1", f"order = {order}").replace("Start", group)
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")

    guide = load_guide(tmp_path, content_context)

    assert list(guide.pages) == ["d", "b", "c", "a"]
    groups = {name: [page.path for page in pages] for name, pages in guide.groups.items()}
    assert groups == {
        "Start": ["/guide/d"],
        "Build": ["/guide/b", "/guide/c", "/guide/a"],
    }


def test_a_wrong_page_stops_the_loading(tmp_path: Path, content_context: ContentContext) -> None:
    (tmp_path / "page.md").write_text(FRONT + "::: what", encoding="utf-8")

    with pytest.raises(ContentError, match=r"^page\.md:9: "):
        load_guide(tmp_path, content_context)


def test_no_id_is_there_twice(content: Content) -> None:
    for page in content.pages.values():
        assert [name for name, count in Counter(ids_of(page)).items() if count > 1] == []


def test_every_entry_of_the_table_has_its_anchor_in_the_event_reference(content: Content) -> None:
    ids = ids_of(content.pages["events"])

    anchors = [entry.anchor for entry in entries_of(content.table)]
    assert [anchor for anchor in anchors if ids.count(anchor) != 1] == []


def test_the_contents_lead_to_headings(content: Content) -> None:
    for page in content.pages.values():
        listed = [line.id for top in page.toc for line in (top, *top.children)]
        assert listed == re.findall(r'<h[23][^>]* id="([^"]+)"', page.html)


def test_links_within_the_site_lead_somewhere(
    content: Content, content_context: ContentContext
) -> None:
    for page in content.pages.values():
        links = Attributes(page.html).links
        assert [
            link for link in links if not leads_somewhere(link, page, content, content_context)
        ] == []


def leads_somewhere(
    link: str, page: GuidePage, content: Content, content_context: ContentContext
) -> bool:
    parts = urlsplit(link)
    if parts.netloc:
        return True
    if parts.path == "/demo":
        query = parse_qs(parts.query)
        if named(query["scenario"][0], content.recordings):
            return True
        stream = content_context.streams.get(query["scenario"][0], ())
        return 1 <= int(query.get("event", ["1"])[0]) <= len(stream)
    if parts.path == "/simulator":
        query = parse_qs(parts.query)
        faults.read(query.get("fault", ["none"])[0])
        name = query.get("scenario", ["hello"])[0]
        return name in content.scenarios or named(name, content.recordings) is not None
    if parts.path.startswith("/corpus/"):
        name = parts.path.removeprefix("/corpus/")
        served = {"index.json", "streamguide-corpus.zip"}
        return name in served or (CONTENT / "corpus" / name).is_file()
    if parts.path in ("/live", "/models", "/inspect", "/cost", "/record"):
        return True
    if parts.path == "/generator":
        read(parse_qs(parts.query), content.models)
        return True
    by_path = {other.path: other for other in content.pages.values()} | {"": page}
    target = by_path.get(parts.path)
    return target is not None and (not parts.fragment or parts.fragment in ids_of(target))


def test_every_scenario_is_linked_from_the_event_reference(content: Content) -> None:
    links = Attributes(content.pages["events"].html).links

    assert [name for name in content.scenarios if f"/demo?scenario={name}" not in links] == []


def test_prose_has_no_dashes_where_a_comma_or_colon_would_do(content: Content) -> None:
    for path in (Path(__file__).parents[2] / "content" / "guide").glob("*.md"):
        assert re.findall("[–—]", path.read_text(encoding="utf-8")) == []
