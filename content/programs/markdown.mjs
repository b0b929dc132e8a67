// Shows Markdown while it grows: paragraphs, headings, lists, code, bold text and links.

/** The text from which a shown block was made. @type {WeakMap<Element, string>} */
const sources = new WeakMap();

// #region render
/**
 * Shows the text in the element. Blocks that have not changed are left alone.
 * @param {Element} target
 * @param {string} text all of it so far
 * @param {boolean} isWhole
 */
export function renderMarkdown(target, text, isWhole) {
  const found = blocks(isWhole ? text : withoutHalfMarks(text));
  for (const [place, source] of found.entries()) {
    const isOpen = !isWhole && place === found.length - 1;
    const key = isOpen ? `${source}…` : source;
    const shown = target.children[place];
    if (shown && sources.get(shown) === key) continue;
    const made = block(source, isOpen);
    sources.set(made, key);
    if (shown) shown.replaceWith(made);
    else target.append(made);
  }
  while (target.children.length > found.length) target.lastElementChild?.remove();
}

/**
 * The text without an end that may still become a mark, such as `*`, "- " or half a link.
 * @param {string} text
 */
function withoutHalfMarks(text) {
  return text.replace(/(^|\n)([-*+#`\d. ]*)$|[*`]+$|!?\[[^\]\n]*(\]|\]\([^)\n]*)?$/, "$1");
}
// #endregion

// #region blocks
/**
 * The text cut at blank lines, but not inside code.
 * @param {string} text
 */
function blocks(text) {
  /** @type {string[][]} */
  const found = [[]];
  let isCode = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) isCode = !isCode;
    if (line.trim() || isCode) found.at(-1)?.push(line);
    else found.push([]);
  }
  return found.filter((lines) => lines.length).map((lines) => lines.join("\n"));
}

/**
 * One block as an element. In an open one, marks end where the text ends.
 * @param {string} source
 * @param {boolean} isOpen
 */
function block(source, isOpen) {
  const code = /^```[^\n]*(?:\n([\s\S]*?))?(?:\n```)?$/.exec(source);
  if (code) return element("pre", element("code", code[1] ?? ""));
  const heading = /^(#{1,4}) (.*)/.exec(source);
  if (heading) return element(`h${heading[1].length + 2}`, ...inline(heading[2], isOpen));
  const items = source.split("\n").map((line) => /^(?:[-*+]|\d+\.) (.*)/.exec(line)?.[1]);
  if (items.some((item) => item === undefined)) return element("p", ...inline(source, isOpen));
  const list = /^\d/.test(source) ? "ol" : "ul";
  return element(list, ...items.map((item) => element("li", ...inline(item ?? "", isOpen))));
}

const MARKS = /`([^`]+)(`|$)|\*\*([^*]+)(\*\*|$)|(?<!!)\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g;

/**
 * Text, bold text, code and links. All of it is text nodes: nothing is ever parsed as HTML.
 * @param {string} text
 * @param {boolean} isOpen
 */
function inline(text, isOpen) {
  /** @type {(string | Element)[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(MARKS)) {
    const [all, code, codeEnd, bold, boldEnd, words, url] = match;
    if (!url && !codeEnd && !boldEnd && !isOpen) continue;
    parts.push(text.slice(end, match.index));
    if (code) parts.push(element("code", code));
    else if (bold) parts.push(element("strong", bold));
    else parts.push(Object.assign(document.createElement("a"), { href: url, textContent: words }));
    end = match.index + all.length;
  }
  return [...parts, text.slice(end)];
}

/**
 * @param {string} name
 * @param {(string | Element)[]} content
 */
function element(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}
// #endregion
