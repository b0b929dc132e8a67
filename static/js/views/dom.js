/**
 * Small helpers of the pages: finding and building elements, and loading late. Text enters a page
 * only as text nodes.
 */

import { sentence } from "../protocol/read.js";

/**
 * @param {string} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/**
 * @param {string} tag
 * @param {string} className
 */
export function svgElement(tag, className) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  made.setAttribute("class", className);
  return made;
}

/**
 * A table with a row of column headings, and a function that replaces its other rows. On a phone
 * each row is a card, in which the first cell is the title and the others have their column's name.
 * @param {string[]} columns
 */
export function tableWith(columns) {
  const [table, head, row, body] = ["table", "thead", "tr", "tbody"].map((tag) => element(tag));
  for (const name of columns) {
    const cell = element("th", "", name);
    cell.setAttribute("scope", "col");
    row.append(cell);
  }
  head.append(row);
  table.append(head, body);
  table.className = "cards";
  /** @param {Element[]} rows */
  const show = (rows) => {
    for (const { children } of rows) {
      for (const [index, name] of columns.entries()) {
        if (index > 0) children[index].setAttribute("data-label", name);
      }
    }
    body.replaceChildren(...rows);
  };
  return { table, show };
}

/**
 * Change a text. Setting the same text again would cost a layout, and be announced again.
 * @param {HTMLElement} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * The tables' prose has one kind of markup: `code`.
 * @param {string} text
 */
export function inline(text) {
  return text.split("`").map((run, index) => (index % 2 ? element("code", "", run) : run));
}

/**
 * The element with a `data-part`. Throws where the page has none.
 * @param {ParentNode} root
 * @param {string} name the value of `data-part`
 */
export function part(root, name) {
  const found = optionalPart(root, name);
  if (!found) throw new Error(`The page has no data-part="${name}"`);
  return found;
}

/**
 * @param {ParentNode} root
 * @param {string} name the value of `data-part`
 * @returns {HTMLElement | null}
 */
export function optionalPart(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}

/**
 * Load something at the first call, and return the same to all later ones. A failure is not kept:
 * the next call loads again.
 * @template T
 * @param {() => Promise<T>} load
 * @returns {() => Promise<T>}
 */
export function lazily(load) {
  /** @type {Promise<T> | null} */
  let loading = null;
  return () => {
    loading ??= load().catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}

/**
 * Show that the player could not start.
 * @param {HTMLElement} root the stream panel
 * @param {unknown} error
 * @param {string} [hint] what the visitor can do, where the page has no button for it
 */
export function reportFailure(root, error, hint = "") {
  const status = part(root, "status");
  status.dataset.kind = "failed";
  status.textContent = "The player could not start";
  const place = optionalPart(root, "advice") ?? part(root, "noticed");
  place.textContent = `${sentence(error instanceof Error ? error.message : error)} ${hint}`.trim();
  const retry = optionalPart(root, "retry");
  if (!retry) return;
  retry.hidden = false;
  retry.addEventListener("click", () => location.reload());
}

// Nobody reads more than this of one event or message.
const LONGEST_TEXT = 20_000;

/** @param {string} text */
export function shortened(text) {
  if (text.length <= LONGEST_TEXT) return text;
  const left = (text.length - LONGEST_TEXT).toLocaleString("en");
  return `${text.slice(0, LONGEST_TEXT)}\n… and ${left} characters more`;
}

/**
 * Whether a scroller shows its end, give or take a line.
 * @param {HTMLElement} scroller
 */
export function isAtEnd(scroller) {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 32;
}
