/** The search box of the header: a combobox whose options are sections of the site. */

import { search } from "../search/rank.js";
import { element, part, setText } from "./dom.js";

/** @typedef {import("../search/rank.js").SearchIndex} SearchIndex */
/** @typedef {import("../search/rank.js").Found} Found */

export const NOT_LOADED = "The search index could not be loaded. Type again to retry.";

/** Offered where nothing has all of the words. @type {Found} */
const ALL_SYMPTOMS = {
  section: {
    page: "",
    title: "All symptoms",
    url: "/guide/errors#seen",
    text: "",
    weight: 1,
  },
  snippet: "What a broken stream looks like, and what to do.",
};

// In these, a slash is text.
const TEXT_FIELDS = "input, textarea, select, [contenteditable]";

export class SearchView {
  #input;
  #panel;
  #list;
  #note;
  #getIndex;
  #active = -1;

  /**
   * @param {HTMLElement} root
   * @param {() => Promise<SearchIndex>} load called at each use
   */
  constructor(root, load) {
    this.#input = /** @type {HTMLInputElement} */ (part(root, "search-input"));
    this.#panel = part(root, "search-panel");
    this.#list = part(root, "search-results");
    this.#note = part(root, "search-note");
    this.#getIndex = load;
    this.#input.addEventListener("focus", () => this.#getIndex().catch(() => {}));
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
    if (query.trim() === "") {
      this.close();
      return;
    }
    try {
      const { found, isPartial } = search(await this.#getIndex(), query);
      if (query !== this.#input.value) return;
      if (isPartial) this.#show([...found, ALL_SYMPTOMS], noteOn(found, query.trim()));
      else this.#show(found, "");
    } catch {
      this.#show([], NOT_LOADED);
    }
  }

  /**
   * @param {Found[]} found
   * @param {string} note
   */
  #show(found, note) {
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
    setText(this.#note, note);
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

/**
 * @param {Found[]} found
 * @param {string} query
 */
function noteOn(found, query) {
  if (found.length === 0) return `Nothing found for "${query}".`;
  return "Nothing has all of these words. The closest:";
}
