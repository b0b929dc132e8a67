"""The guide's modules for a page, in a browser: Markdown, announcements and a React hook."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.programs.api import FOLDER
from tests.programs.test_runs import text_of
from tools.process import ROOT

ORIGIN = "http://page.test"
PAGE = """<!doctype html><meta charset="utf-8"><title>T</title>
<script type="importmap">{"imports": {"react": "./react.mjs"}}</script>
<div id="root"></div><div id="region" aria-live="polite"></div>"""
# React comes as CommonJS only.
REACT = {
    "react": "react/cjs/react.production.js",
    "react-dom": "react-dom/cjs/react-dom.production.js",
    "react-dom/client": "react-dom/cjs/react-dom-client.production.js",
    "scheduler": "scheduler/cjs/scheduler.production.js",
}


def react() -> str:
    """React as one module."""
    sources = {name: (ROOT / "node_modules" / path).read_text() for name, path in REACT.items()}
    functions = ",".join(
        f"{json.dumps(name)}: (module, exports, require) => {{{source}\n}}"
        for name, source in sources.items()
    )
    return f"""const sources = {{{functions}}}, made = {{}};
const process = {{ env: {{}} }};
function require(name) {{
  if (!made[name]) {{
    const module = {{ exports: made[name] = {{}} }};
    sources[name](module, module.exports, require);
    made[name] = module.exports;
  }}
  return made[name];
}}
export const {{ createElement, useCallback, useEffect, useRef, useState }} = require("react");
export const {{ createRoot }} = require("react-dom/client");"""


@pytest.fixture
def opened(page: Page) -> Page:
    """An empty page that can import the modules."""

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if not name.endswith(".mjs"):
            route.fulfill(body=PAGE, content_type="text/html")
        else:
            text = react() if name == "react.mjs" else (FOLDER / name).read_text(encoding="utf-8")
            route.fulfill(body=text, content_type="text/javascript")

    page.route(f"{ORIGIN}/**", answer)
    page.goto(ORIGIN)
    return page


RENDER = """async ([text, size]) => {
  const { renderMarkdown } = await import("./markdown.mjs");
  const root = document.getElementById("root");
  let replaced = 0;
  let bare = 0;
  for (let end = size; end < text.length; end += size) {
    const before = [...root.children].slice(0, -1);
    renderMarkdown(root, text.slice(0, end), false);
    replaced += before.filter((node) => !node.isConnected).length;
    bare += /\\*\\*|```|\\]\\(/.test(root.textContent);
  }
  renderMarkdown(root, text, true);
  return { replaced, bare, html: root.innerHTML };
}"""
MARKDOWN = """# Title

Some **bold** text, `code` and [a link](https://example.com/a?b=1&c=2).

- one
- **two**

```js
const a = 1;

a ** 2;
```

1. first
2. second

The end."""


@pytest.mark.parametrize("size", [1, 7])
def test_markdown_grows_without_flicker(opened: Page, size: int) -> None:
    told = opened.evaluate(RENDER, [MARKDOWN.replace("a ** 2", "a + 2"), size])

    assert (told["replaced"], told["bare"]) == (0, 0)
    assert told["html"] == (
        "<h3>Title</h3>"
        "<p>Some <strong>bold</strong> text, <code>code</code> and "
        '<a href="https://example.com/a?b=1&amp;c=2">a link</a>.</p>'
        "<ul><li>one</li><li><strong>two</strong></li></ul>"
        "<pre><code>const a = 1;\n\na + 2;</code></pre>"
        "<ol><li>first</li><li>second</li></ol>"
        "<p>The end.</p>"
    )


def test_markup_and_addresses_of_an_answer_do_nothing(opened: Page) -> None:
    text = "\n\n".join(
        (
            text_of("markup"),
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert(1)) ![b](https://evil.example/?secret)",
            "2 ** 3",
        )
    )
    told = opened.evaluate(RENDER, [text, 5])

    assert opened.evaluate("document.querySelectorAll('#root :is(img, script, a)').length") == 0
    assert "&lt;img src=x onerror=alert(1)&gt;" in told["html"]
    assert told["html"].endswith("<p>2 ** 3</p>")


def test_screen_readers_are_told_whole_sentences_once(opened: Page) -> None:
    told = opened.evaluate(
        """async (text) => {
          const { announcer } = await import("./announce.mjs");
          const region = document.getElementById("region");
          const announce = announcer(region);
          for (let end = 1; end <= text.length; end += 1) announce(text.slice(0, end));
          announce(text, true);
          return [...region.children].map((child) => child.textContent);
        }""",
        "First. Second, with 1.5 in it! And a rest",
    )
    assert told == ["First.", " Second, with 1.5 in it!", " And a rest"]


COMPONENT = """async () => {
  const { createElement: h, createRoot, useState } = await import("./react.mjs");
  const { useAnswer } = await import("./use-answer.mjs");
  function Chat() {
    const { state, text, reason, ask, stop } = useAnswer("/chats/one");
    return h("div", null,
      h("button", { onClick: () => ask("Why?") }, "Ask"),
      h("button", { onClick: stop }, "Stop"),
      h("p", { role: "status" }, `${state} ${reason}`),
      h("article", null, text));
  }
  const root = createRoot(document.getElementById("root"));
  root.render(h(Chat));
  globalThis.root = root;
}"""


def test_a_react_hook_shows_every_end_of_an_answer(opened: Page) -> None:
    lines: list[str | None] = [
        '{"text": "Because "}\n{"text": "of this."}\n{"ended": "end_turn"}\n',
        '{"text": "Bec"}\n{"error": "The answer was interrupted."}\n',
        '{"text": "Bec"}\n',
        '{"text": "I will"}\n{"ended": "refusal"}\n',
        None,
        None,
    ]
    ended = []

    def answer(route: Route) -> None:
        body = lines.pop(0)
        if body is not None:
            route.fulfill(body=body, content_type="application/x-ndjson")

    opened.route("**/chats/one", answer)
    opened.on("requestfailed", lambda request: ended.append(request.failure))
    opened.evaluate(COMPONENT)
    status = opened.get_by_role("status")
    article = opened.get_by_role("article")
    for state, text in (
        ("finished end_turn", "Because of this."),
        ("failed The answer was interrupted.", "Bec"),
        ("failed the connection was lost", "Bec"),
        ("failed Claude declined.", ""),
    ):
        opened.get_by_role("button", name="Ask").click()
        expect(status).to_have_text(state)
        expect(article).to_have_text(text)

    opened.get_by_role("button", name="Ask").click()
    expect(status).to_have_text("waiting")
    opened.get_by_role("button", name="Stop").click()
    expect(status).to_have_text("stopped")

    opened.get_by_role("button", name="Ask").click()
    expect(status).to_have_text("waiting")
    with opened.expect_event("requestfailed"):
        opened.evaluate("globalThis.root.unmount()")
    assert ended == ["net::ERR_ABORTED", "net::ERR_ABORTED"]
