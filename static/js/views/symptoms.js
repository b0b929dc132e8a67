/** The filter above the table of symptoms: shows the rows that fit what somebody pastes. */

import { search } from "../search/rank.js";
import { part, setText } from "./dom.js";
import { NOT_LOADED } from "./search.js";

/** @typedef {import("../search/rank.js").SearchIndex} SearchIndex */

export class SymptomFilter {
  #input;
  #note;
  #body;
  #load;
  /** The rows by the address that the index knows them by, in the order of the table. */
  #rows;
  /** @type {SearchIndex | null} the part of the index that is about the rows */
  #index = null;

  /**
   * @param {HTMLElement} root the filter, with its table next to it
   * @param {() => Promise<SearchIndex>} load called at each use
   */
  constructor(root, load) {
    this.#input = /** @type {HTMLInputElement} */ (part(root, "filter-input"));
    this.#note = part(root, "filter-note");
    this.#body = /** @type {HTMLElement} */ (root.nextElementSibling?.querySelector("tbody"));
    this.#load = load;
    this.#rows = new Map(
      [...this.#body.querySelectorAll("tr")].map((row) => [
        `${location.pathname}#${row.querySelector("[id]")?.id}`,
        row,
      ]),
    );
    this.#input.addEventListener("focus", () => this.#load().catch(() => {}));
    this.#input.addEventListener("input", () => this.#filter());
  }

  async #filter() {
    const query = this.#input.value;
    try {
      const { sections, ...words } = await this.#load();
      this.#index ??= { ...words, sections: sections.filter(({ url }) => this.#rows.has(url)) };
    } catch {
      setText(this.#note, NOT_LOADED);
      return;
    }
    if (query !== this.#input.value) return;
    const { found } = search(this.#index, query);
    this.#show(found.map(({ section }) => section.url));
    const count = `Rows that fit: ${found.length} of ${this.#rows.size}.`;
    const note = found.length > 0 ? count : "No row fits. Here are all of them.";
    setText(this.#note, query.trim() === "" ? "" : note);
  }

  /** @param {string[]} urls those of the rows that fit, best first; if none does, all are shown */
  #show(urls) {
    for (const [url, row] of this.#rows) {
      row.hidden = urls.length > 0 && !urls.includes(url);
      this.#body.append(row);
    }
    this.#body.prepend(...urls.flatMap((url) => this.#rows.get(url) ?? []));
  }
}
