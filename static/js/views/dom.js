/** Small helpers for building elements. Text only ever enters the page as text nodes. */

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
 * The tables' prose has one kind of markup: `code`.
 * @param {string} text
 */
export function inline(text) {
  return text.split("`").map((run, index) => (index % 2 ? element("code", "", run) : run));
}

/**
 * The element inside a root that plays a part; a page without it is broken.
 * @param {ParentNode} root
 * @param {string} name the value of its `data-part`
 * @returns {HTMLElement}
 */
export function part(root, name) {
  const found = optionalPart(root, name);
  if (!found) throw new Error(`The page has no data-part="${name}"`);
  return found;
}

/**
 * @param {ParentNode} root
 * @param {string} name
 * @returns {HTMLElement | null}
 */
export function optionalPart(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}

/**
 * Whether a scroller shows its end, within a line or so.
 * @param {HTMLElement} scroller
 */
export function isAtEnd(scroller) {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 32;
}
