/** The search box of the header: a combobox whose options are sections of the guide. */

import { search } from "../search/rank.js";
import { element, lazily, part } from "./dom.js";

/** @typedef {import("../search/rank.js").Section} Section */

// In these, a slash is text.
const TEXT_FIELDS = "input, textarea, select, [contenteditable]";

export class SearchView {
  #input;
  #panel;
  #list;
  #note;
  #getSections;
  #active = -1;

  /**
   * @param {HTMLElement} root
   * @param {() => Promise<Section[]>} load called at the first use
   */
  constructor(root, load) {
    this.#input = /** @type {HTMLInputElement} */ (part(root, "search-input"));
    this.#panel = part(root, "search-panel");
    this.#list = part(root, "search-results");
    this.#note = part(root, "search-note");
    this.#getSections = lazily(load);
    this.#input.addEventListener("focus", () => this.#getSections().catch(() => {}));
    this.#input.addEventListener("input", () => this.#find());
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    // A pointer that took the focus would close the list before the click.
    this.#panel.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      if (target instanceof Element) this.#go(target.closest("[role=option]"));
    });
    root.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && root.contains(relatedTarget))) this.close();
    });
    document.addEventListener("keydown", (event) => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      const isTyping = target instanceof HTMLElement && target.matches(TEXT_FIELDS);
      if (key !== "/" || isTyping || ctrlKey || metaKey || altKey) return;
      event.preventDefault();
      this.#input.focus();
      root.scrollIntoView({ block: "nearest" });
    });
  }

  close() {
    this.#panel.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#activate(-1);
  }

  async #find() {
    const query = this.#input.value;
    try {
      const found = search(await this.#getSections(), query);
      if (query === this.#input.value) this.#show(found, query);
    } catch {
      this.#show([], query);
      this.#note.textContent = "The search index could not be loaded. Type again to retry.";
    }
  }

  /**
   * @param {import("../search/rank.js").Found[]} found
   * @param {string} query
   */
  #show(found, query) {
    if (query.trim() === "") {
      this.close();
      return;
    }
    const options = found.map(({ section: { title, page, url }, snippet }, index) => {
      const option = element("li");
      option.id = `search-result-${index}`;
      option.setAttribute("role", "option");
      option.dataset.url = url;
      option.append(
        element("span", "search-title", title),
        element("span", "search-page", title === page ? "" : page),
        element("span", "search-snippet", snippet),
      );
      return option;
    });
    this.#list.replaceChildren(...options);
    this.#note.textContent = found.length === 0 ? `Nothing found for "${query.trim()}".` : "";
    this.#panel.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#activate(found.length > 0 ? 0 : -1);
  }

  /** @param {Element | null} option */
  #go(option) {
    if (option instanceof HTMLElement && option.dataset.url) location.assign(option.dataset.url);
  }

  /** @param {number} index -1 for none */
  #activate(index) {
    this.#active = index;
    for (const [n, option] of [...this.#list.children].entries()) {
      option.setAttribute("aria-selected", String(n === index));
      if (n === index) option.scrollIntoView({ block: "nearest" });
    }
    if (index < 0) this.#input.removeAttribute("aria-activedescendant");
    else this.#input.setAttribute("aria-activedescendant", `search-result-${index}`);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const options = this.#panel.hidden ? [] : this.#list.children;
    const count = options.length;
    if (event.key === "Escape") {
      this.#input.value = "";
      this.close();
    } else if (event.key === "ArrowDown" && count > 0) {
      this.#activate((this.#active + 1) % count);
    } else if (event.key === "ArrowUp" && count > 0) {
      this.#activate((this.#active - 1 + count) % count);
    } else if (event.key === "Enter" && this.#active >= 0) {
      this.#go(options[this.#active]);
    } else return;
    event.preventDefault();
  }
}
