/** The search box of the header: a combobox whose options are sections of the guide. */

import { search } from "../search/rank.js";
import { element, lazily, part } from "./dom.js";

/** @typedef {import("../search/rank.js").Section} Section */

export class SearchView {
  #root;
  #input;
  #panel;
  #list;
  #note;
  #getSections;
  #active = -1;

  /**
   * @param {HTMLElement} root
   * @param {() => Promise<Section[]>} load brings the index, at the first use
   */
  constructor(root, load) {
    this.#root = root;
    this.#input = /** @type {HTMLInputElement} */ (part(root, "search-input"));
    this.#panel = part(root, "search-panel");
    this.#list = part(root, "search-results");
    this.#note = part(root, "search-note");
    this.#getSections = lazily(load);
    this.#input.addEventListener("focus", () => this.#getSections().catch(() => {}));
    this.#input.addEventListener("input", () => this.#find());
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    // The pointer must not take the focus, at whose loss the list closes, before the click.
    this.#panel.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      if (event.target instanceof Element) this.#go(event.target.closest("[role=option]"));
    });
    root.addEventListener("focusout", (event) => {
      if (!(event.relatedTarget instanceof Node && root.contains(event.relatedTarget)))
        this.close();
    });
    document.addEventListener("keydown", (event) => this.#onShortcut(event));
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
    this.#list.replaceChildren(...found.map(({ section, snippet }, n) => row(section, snippet, n)));
    this.#note.textContent = found.length === 0 ? `Nothing found for "${query.trim()}".` : "";
    this.#panel.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#activate(found.length > 0 ? 0 : -1);
  }

  /** @param {Element | null} option */
  #go(option) {
    if (option instanceof HTMLElement && option.dataset.url) location.assign(option.dataset.url);
  }

  /** @param {number} index */
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
    const count = this.#panel.hidden ? 0 : this.#list.children.length;
    if (event.key === "Escape") {
      this.#input.value = "";
      this.close();
    } else if (event.key === "ArrowDown" && count > 0) this.#activate((this.#active + 1) % count);
    else if (event.key === "ArrowUp" && count > 0)
      this.#activate((this.#active - 1 + count) % count);
    else if (event.key === "Enter" && this.#active >= 0)
      this.#go(this.#list.children[this.#active]);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #onShortcut(event) {
    const target = event.target;
    const isTyping =
      target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#input.focus();
    this.#root.scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {Section} section
 * @param {string} snippet
 * @param {number} n
 */
function row(section, snippet, n) {
  const option = element("li");
  option.id = `search-result-${n}`;
  option.setAttribute("role", "option");
  option.dataset.url = section.url;
  const where = section.title === section.page ? "" : section.page;
  option.append(
    element("span", "search-title", section.title),
    element("span", "search-page", where),
    element("span", "search-snippet", snippet),
  );
  return option;
}
