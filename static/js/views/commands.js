/** Programs on the page, whose base URL and key change with what is chosen. */

export class CommandsView {
  /** @type {{node: Text, parts: string[]}[]} text around the places of a base URL or a key */
  #texts = [];
  #values;

  /** @param {HTMLElement} root names what now stands for both, in data-base and data-key */
  constructor(root) {
    this.#values = { base: root.dataset.base ?? "", key: root.dataset.key ?? "" };
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = /** @type {Text} */ (walker.currentNode);
      const parts = split(node.data, this.#values);
      if (parts.length > 1) this.#texts.push({ node, parts });
    }
  }

  /** @param {Partial<{base: string, key: string}>} values */
  fill(values) {
    Object.assign(this.#values, values);
    const { base, key } = this.#values;
    for (const { node, parts } of this.#texts) {
      node.data = parts.map((text) => (text === BASE ? base : text === KEY ? key : text)).join("");
    }
  }
}

// No text of a page holds these.
const BASE = "\0base";
const KEY = "\0key";

/**
 * @param {string} text
 * @param {{base: string, key: string}} values
 */
function split(text, { base, key }) {
  const marked = text.replaceAll(base, `\0${BASE}\0`).replaceAll(key, `\0${KEY}\0`);
  return marked === text ? [text] : marked.split(/\0(\0(?:base|key))\0/);
}
