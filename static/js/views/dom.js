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
 * Change a text. The same text again would cost a layout, and would be read out twice.
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
 * Load something at the first call, and give the same to all later ones. A failure is not kept:
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
 * @param {string} hint what the visitor can do
 */
export function reportFailure(root, error, hint) {
  const status = part(root, "status");
  status.dataset.kind = "failed";
  status.textContent = "The player could not start";
  const place = optionalPart(root, "advice") ?? part(root, "noticed");
  place.textContent = `${error instanceof Error ? error.message : error} ${hint}`;
}

// More than this of one event or message is more than anyone reads in a page.
const LONGEST_TEXT = 20_000;

/** @param {string} text */
export function shortened(text) {
  if (text.length <= LONGEST_TEXT) return text;
  const left = (text.length - LONGEST_TEXT).toLocaleString("en");
  return `${text.slice(0, LONGEST_TEXT)}\n… and ${left} characters more`;
}

/**
 * Whether a scroller shows its end, within a line or so.
 * @param {HTMLElement} scroller
 */
export function isAtEnd(scroller) {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 32;
}
