// A page of the guide: copy buttons on code, tabs, and contents that follow the scroll.
// The page is complete without this script, which adds no content.

import { addColumnChoices } from "../views/columns.js";
import { addCopyButtons } from "../views/copy.js";
import { optionalPart } from "../views/dom.js";
import { watchScrollAreas } from "../views/scroll-areas.js";
import { SymptomFilter } from "../views/symptoms.js";
import { addTabs } from "../views/tabs.js";
import { getIndex } from "./search-index.js";

/** Sections that have moved: their old page, their ids, and their page now. */
const MOVED = [
  { from: "/guide/testing", ids: /^(outcomes|faults|fault-.+)$/, to: "/guide/faults" },
  { from: "/guide/testing", ids: /^(base|request|javascript|ci|journal)$/, to: "/guide/simulator" },
  { from: "/guide/testing", ids: /^(own|files|record)$/, to: "/guide/answers" },
  { from: "/guide/testing", ids: /^verdicts$/, to: "/guide/verdicts" },
  { from: "/guide/corpus", ids: /^(area|rule)-.+$/, to: "/guide/rules" },
  { from: "/guide/changes", ids: /^python$/, to: "/guide/upgrade" },
  { from: "/guide/live", ids: /^(others|site|requests|stop)$/, to: "/guide/hosting" },
  { from: "/guide/blocks", ids: /^loop$/, to: "/guide/tools" },
];

/** Below the sticky header: the last heading above this line is being read. */
const READING_LINE = 120;

/**
 * Scroll a list until this link stands in its middle half; `scrollIntoView` could scroll the page
 * as well.
 * @param {Element} list
 * @param {Element} link
 */
function show(list, link) {
  const outer = list.getBoundingClientRect();
  const inner = link.getBoundingClientRect();
  const margin = outer.height / 4;
  const over = inner.top - margin - outer.top;
  const under = inner.bottom + margin - outer.bottom;
  if (over < 0) list.scrollTop += over;
  else if (under > 0) list.scrollTop += under;
}

/** @param {Element} contents */
function followScroll(contents) {
  /** @type {{heading: Element, link: Element}[]} */
  const entries = [];
  for (const link of contents.querySelectorAll("a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) entries.push({ heading, link });
  }
  /** @type {Element | null} */
  let current = null;

  const update = () => {
    const above = entries.findLast(
      ({ heading }) => heading.getBoundingClientRect().top < READING_LINE,
    );
    const link = above?.link ?? null;
    if (link === current) return;
    current?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "true");
    current = link;
    if (link) show(contents, link);
  };

  // A heading that crosses the reading line, in either direction, can change the current entry.
  const observer = new IntersectionObserver(update, {
    rootMargin: `-${READING_LINE}px 0px 0px 0px`,
  });
  for (const { heading } of entries) observer.observe(heading);
}

for (const { from, ids, to } of MOVED) {
  if (location.pathname === from && ids.test(location.hash.slice(1))) {
    location.replace(to + location.hash);
  }
}
const text = document.querySelector(".guide-text");
if (text) {
  addTabs(text);
  addColumnChoices(text);
  addCopyButtons(text);
}
watchScrollAreas(document.body);
const filter = optionalPart(document, "filter");
if (filter) new SymptomFilter(filter, getIndex);
const pages = document.querySelector(".guide-nav");
const own = pages?.querySelector("[aria-current]");
if (pages && own) show(pages, own);
const contents = document.querySelector("[data-part='contents']");
if (contents) followScroll(contents);
