// A page of the guide: copy buttons on code, and contents that follow the scroll.
// Without this script the page is complete; nothing here adds content.

const COPIED_MS = 2000;
/** Below the sticky header: a heading above this line is being read. */
const READING_LINE = 120;

/** @param {Element} scope */
function addCopyButtons(scope) {
  // Without a secure context there is no clipboard, and so no button.
  if (!navigator.clipboard) return;
  const announcer = document.createElement("p");
  announcer.className = "visually-hidden";
  announcer.setAttribute("role", "status");
  scope.append(announcer);
  for (const block of scope.querySelectorAll(".highlight")) {
    const code = block.querySelector("code");
    if (code) block.append(copyButton(code, announcer));
  }
}

/**
 * @param {Element} code
 * @param {Element} announcer
 */
function copyButton(code, announcer) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const copied = await copy(code.textContent ?? "");
    button.textContent = copied ? "Copied" : "Failed";
    announcer.textContent = copied ? "Copied" : "The browser did not allow copying";
    setTimeout(() => {
      button.textContent = "Copy";
      announcer.textContent = "";
    }, COPIED_MS);
  });
  return button;
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // The visitor or a policy said no.
  }
}

/**
 * Keyboards stop only at those frames that are too narrow for what is in them.
 *
 * @param {Element} scope
 */
function watchFrames(scope) {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
      else target.removeAttribute("tabindex");
    }
  });
  for (const frame of scope.querySelectorAll("[role='group'][tabindex]")) observer.observe(frame);
}

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
  watchFrames(text);
}
const contents = document.querySelector("[data-part='contents']");
if (contents) followScroll(contents);
