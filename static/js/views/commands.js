/** Programs on the page, with a base URL and a key that follow the page's setting. */

// No text of a page has these.
const BASE = "\0base";
const KEY = "\0key";

export class CommandsView {
  /** @type {{node: Text, parts: string[]}[]} text around the places of a base URL or a key */
  #texts = [];
  #values;

  /** @param {HTMLElement} root names the values that are in its text, in data-base and data-key */
  constructor(root) {
    const { base = "", key = "" } = root.dataset;
    this.#values = { base, key };
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = /** @type {Text} */ (walker.currentNode);
      const marked = node.data.replaceAll(base, `\0${BASE}\0`).replaceAll(key, `\0${KEY}\0`);
      const parts = marked.split(/\0(\0(?:base|key))\0/);
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
