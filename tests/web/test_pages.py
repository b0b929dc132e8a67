"""Pages: what is served, how it is kept, and what it links to."""

from __future__ import annotations

import gzip
import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from streamguide.content import load_content
from streamguide.simulator.faults import FAULTS

SITE = load_content()
GUIDE = [page.path for page in SITE.pages.values()]
PAGES = [
    "/",
    "/demo",
    "/simulator",
    "/record",
    "/generator",
    "/models",
    "/inspect",
    "/cost",
    "/live",
    "/guide",
    *GUIDE,
]


class Links(HTMLParser):
    """The addresses and ids of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.append(value)


def dead_links(client: FlaskClient, start: list[str]) -> list[str]:
    """Every internal link and anchor that leads nowhere, from these pages on."""
    seen: dict[str, Links | None] = {}
    waiting = list(start)
    wanted: list[tuple[str, str, str]] = []
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        response = client.get(path, follow_redirects=True)
        if response.status_code != 200:
            seen[path] = None
            continue
        page = Links(response.text if response.mimetype == "text/html" else "")
        seen[path] = page
        for link in page.links:
            target = urlsplit(urljoin(f"https://example.org{path}", link))
            if target.netloc == "example.org":
                wanted.append((path, target.path, target.fragment))
                waiting.append(target.path)
    return [
        f"{source} -> {path}#{anchor}"
        for source, path, anchor in wanted
        # What has fields is no anchor: the inspector's script reads it.
        if (found := seen[path]) is None or ("=" not in anchor and anchor not in ["", *found.ids])
    ]


def test_no_internal_link_or_anchor_is_dead(client: FlaskClient) -> None:
    assert dead_links(client, PAGES) == []


def test_a_dead_link_would_be_found() -> None:
    app = Flask("broken")
    app.add_url_rule("/", view_func=lambda: '<a id="a" href="/#a"></a><a href="/gone"></a>')
    app.add_url_rule("/anchor", "anchor", view_func=lambda: '<a href="/#b"></a>')
    assert dead_links(app.test_client(), ["/", "/anchor"]) == ["/anchor -> /#b", "/ -> /gone#"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_its_own_title_description_and_canonical_address(
    client: FlaskClient, path: str
) -> None:
    html = client.get(path).text
    titles = re.findall(r"<title>(.+?)</title>", html)
    assert len(titles) == 1
    assert "Streamguide" in titles[0]
    assert re.search(r'<meta name="description" content="[^"]{50,220}">', html)
    assert f'<link rel="canonical" href="https://example.org{path}">' in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("path", PAGES)
def test_a_link_to_a_page_shows_its_title_and_description_elsewhere(
    client: FlaskClient, path: str
) -> None:
    html = client.get(path).text
    shown = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', html))
    assert f"<title>{shown['title']}</title>" in html
    assert f'<meta name="description" content="{shown["description"]}">' in html
    assert (shown["site_name"], shown["url"]) == ("Streamguide", f"https://example.org{path}")


def test_the_icon_is_drawn_by_the_site(client: FlaskClient) -> None:
    page = client.get("/").text
    assert '<link rel="icon" href="/icon.svg" type="image/svg+xml">' in page
    response = client.get("/icon.svg")
    assert response.content_type == "image/svg+xml"
    assert response.text.startswith("<svg ")
    again = client.get("/icon.svg", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_titles_and_descriptions_differ(client: FlaskClient) -> None:
    for pattern in (r"<title>(.+?)</title>", r'name="description" content="(.+?)"'):
        found = [re.findall(pattern, client.get(path).text)[0] for path in PAGES]
        assert len(set(found)) == len(PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_inline_script_or_style(client: FlaskClient, path: str) -> None:
    html = client.get(path).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert "<style" not in html
    assert not re.search(r"\s(style|on\w+)=", re.sub(r">[^<]*<", "><", html))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_the_client_has_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", PAGES)
def test_gzip_is_sent_to_those_who_take_it_with_a_tag_of_its_own(
    client: FlaskClient, path: str
) -> None:
    plain = client.get(path)
    zipped = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in zipped.headers["Vary"]


def test_the_guide_begins_with_a_map_of_its_pages(client: FlaskClient) -> None:
    html = client.get("/guide").text.partition("<main")[2]
    assert [link for link in Links(html).links if link.startswith("/guide/")] == GUIDE


def test_robots_may_read_all_but_the_simulator(client: FlaskClient) -> None:
    assert client.get("/robots.txt").text == (
        "User-agent: *\nDisallow: /simulator/\nSitemap: https://example.org/sitemap.xml\n"
    )


def test_the_sitemap_lists_every_page(client: FlaskClient) -> None:
    response = client.get("/sitemap.xml")
    assert response.mimetype == "application/xml"
    found = re.findall(r"<loc>https://example\.org(.+?)</loc>", response.text)
    assert found == PAGES


@pytest.mark.parametrize("path", GUIDE)
def test_each_page_of_the_guide_is_there_as_markdown_with_links_that_work_elsewhere(
    client: FlaskClient, path: str
) -> None:
    response = client.get(f"{path}.md")
    assert response.content_type == "text/markdown; charset=utf-8"
    assert response.text.startswith("# ")
    assert ":::" not in response.text
    assert "](/" not in response.text


def test_an_unknown_page_has_no_markdown(client: FlaskClient) -> None:
    assert client.get("/guide/nothing.md").status_code == 404


def test_llms_txt_lists_the_markdown_of_every_page(client: FlaskClient) -> None:
    text = client.get("/llms.txt").text
    assert text.startswith("# Streamguide\n")
    links = re.findall(r"\]\(https://example\.org(/guide/.+?)\.md\)", text)
    assert links == GUIDE
    assert "](https://example.org/simulator)" in text


def test_home_shows_its_stream_without_javascript(client: FlaskClient) -> None:
    html = client.get("/").text
    assert "You are reading this before it is finished" in html
    assert "event: message_start" in html


@pytest.mark.parametrize(
    ("query", "scenario", "fault"),
    [
        ("", "hello", ""),
        ("scenario=thinking", "thinking", ""),
        ("scenario=thinking&fault=drop%3Bat%3D9%2Bslow&event=3", "thinking", "drop"),
        ("scenario=no-such&fault=no-such", "hello", ""),
        ("fault=none", "hello", ""),
    ],
)
def test_the_demo_says_from_the_start_what_its_address_names(
    client: FlaskClient, query: str, scenario: str, fault: str
) -> None:
    html = client.get(f"/demo?{query}").text
    found = SITE.scenarios[scenario]
    assert f'data-part="prompt">{escape(found.prompt)}</span>' in html
    assert f'data-part="summary">{escape(found.summary)}</p>' in html
    assert re.findall('<option value="([^"]*)"[^>]* selected>', html) == [
        scenario,
        *filter(None, [fault]),
    ]
    hidden, told = re.findall('data-part="fault-about"( hidden)?><span .*?>(.*?)</span>', html)[0]
    assert unescape(re.sub("</?code>", "`", told)) == (FAULTS[fault].help if fault else "")
    assert bool(hidden) == (fault == "")


def test_a_site_behind_another_address_says_so(client: FlaskClient) -> None:
    assert "=<wbr>https://example.org<wbr>/simulator/hello</code>" in client.get("/").text
    assert "https://example.org/simulator make run" in client.get("/guide/live.md").text
    for path in ("/guide/simulator", "/guide/simulator.md"):
        text = re.sub("<[^>]+>", "", client.get(path).text)
        assert "https://example.org/simulator}/hello/drop;at=9" in text
        assert "127.0.0.1:8000" not in text
