// A page of the guide: copy buttons on code, and contents that follow the scroll.
// Without this script the page is complete; nothing here adds content.

import { addCopyButtons } from "../views/copy.js";
import { watchScrollAreas } from "../views/scroll-areas.js";

/** Below the sticky header: a heading above this line is being read. */
const READING_LINE = 120;

/** @param {Element} contents */
function followScroll(contents) {
  /** @type {{heading: Element, link: Element}[]} */
  const lines = [];
  for (const link of contents.querySelectorAll("a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) lines.push({ heading, link });
  }
  /** @type {Element | null} */
  let current = null;

  const update = () => {
    const above = lines.findLast(
      ({ heading }) => heading.getBoundingClientRect().top < READING_LINE,
    );
    const link = above?.link ?? null;
    if (link === current) return;
    current?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "true");
    current = link;
    if (link) showWithin(contents, link);
  };

  // A heading that crosses the reading line, in either direction, changes the line.
  const observer = new IntersectionObserver(update, {
    rootMargin: `-${READING_LINE}px 0px 0px 0px`,
  });
  for (const { heading } of lines) observer.observe(heading);
}

/**
 * Scrolls the frame alone: `scrollIntoView` could move the page too.
 *
 * @param {Element} frame
 * @param {Element} item
 */
function showWithin(frame, item) {
  const outer = frame.getBoundingClientRect();
  const inner = item.getBoundingClientRect();
  const margin = outer.height / 4;
  const over = inner.top - margin - outer.top;
  const under = inner.bottom + margin - outer.bottom;
  if (over < 0) frame.scrollTop += over;
  else if (under > 0) frame.scrollTop += under;
}

const text = document.querySelector(".guide-text");
if (text) {
  addCopyButtons(text);
  watchScrollAreas(text);
}
const contents = document.querySelector("[data-part='contents']");
if (contents) followScroll(contents);
