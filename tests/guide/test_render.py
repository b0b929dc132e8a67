"""Markdown as HTML: headings, frames around what scrolls, and text that stays text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from streamguide.guide.context import ContentContext
from streamguide.guide.markup import fenced
from streamguide.guide.render import Heading, Rendered, render

FAMILIES = {"message_start": "message"}


def rendered(text: str) -> Rendered:
    return render(text, {"square": "<svg></svg>\n"}, FAMILIES, lambda path: f"<svg>{path}</svg>")


def html_of(text: str) -> str:
    return rendered(text).html


def test_the_contents_are_the_headings_of_levels_2_and_3() -> None:
    text = "## One\n\n### `two` (beta) {#it .entry}\n\n#### Deep\n\n## Three & four\n"

    assert rendered(text).toc == (
        Heading("one", "One", (Heading("it", "two (beta)"),)),
        Heading("three-four", "Three & four"),
    )


def test_a_heading_has_a_permalink_that_names_it() -> None:
    assert html_of("## Some `code` here") == (
        '<h2 id="some-code-here">Some <code>code</code> here'
        '<a aria-label="Link to Some code here" class="permalink" href="#some-code-here">#</a></h2>'
    )


def test_a_strip_is_drawn_where_it_is_named() -> None:
    html = html_of("```strip\nhello/drop\n```\n")

    assert html == '<div class="strip-line"><svg>hello/drop</svg></div>'


def test_code_can_be_scrolled_with_the_keyboard() -> None:
    html = html_of("```python\nx = 1\n```\n")

    assert html.startswith(
        '<div class="language-python highlight">'
        '<pre tabindex="0" role="group" aria-label="Code"><span></span><code>'
    )


def test_a_frame_is_coloured_by_the_family_of_its_event() -> None:
    html = html_of('```sse\nevent: message_start\ndata: {"a":[1,null]  }\n```\n')

    assert html == (
        '<div class="highlight wire"><pre><code>'
        '<span class="line"><span class="na">event: </span>'
        '<span class="nf family-message">message_start</span></span>\n'
        '<span class="line"><span class="na">data: </span>{<span class="nt">&quot;a&quot;</span>:'
        '[<span class="mi">1</span>,<span class="kc">null</span>]<span class="w">  </span>}</span>'
        "</code></pre></div>"
    )


def test_an_http_response_is_shown_like_a_frame() -> None:
    html = html_of("```http\nHTTP/1.1 401\nrequest-id: req_1\n\n{}\n```\n")

    assert html == (
        '<div class="highlight wire"><pre><code>'
        '<span class="line"><span class="nf family-error">HTTP/1.1 401</span></span>\n'
        '<span class="line"><span class="na">request-id: </span>req_1</span>\n'
        '<span class="line"></span>\n'
        '<span class="line">{}</span>'
        "</code></pre></div>"
    )


def test_a_figure_is_put_in_place() -> None:
    assert html_of("```figure\nsquare\n```\n") == '<figure class="figure"><svg></svg></figure>'


def test_html_in_prose_is_shown_and_not_obeyed() -> None:
    html = html_of("<div onclick=x>\n\nA <script>alert(1)</script> `<b>`\n\n<!-- c -->\n")

    assert "&lt;div onclick=x&gt;" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <code>&lt;b&gt;</code>" in html
    assert "&lt;!-- c --&gt;" in html


def test_html_in_a_stream_is_shown_byte_for_byte_and_not_obeyed(
    content_context: ContentContext,
) -> None:
    text = "".join(sent.text for sent in content_context.streams["markup"])
    html = html_of(fenced("sse", text))

    assert re.findall("<(?!/?(?:div|pre|code|span)[ >])", html) == []
    reader = _Text()
    reader.feed(html)
    assert reader.text == text.rstrip("\n")


def test_nothing_carries_inline_style_or_script() -> None:
    html = html_of("```python\nprint('x')\n```\n\n| a |\n|:-:|\n| b |\n")

    assert re.findall(r" (?:style|on\w+)=", html) == []
    assert '<td class="align-center">b</td>' in html


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data
