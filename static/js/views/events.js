/**
 * The raw events, as a list that has elements only for the rows in view: ten thousand events cost
 * as much as thirty.
 *
 * A listbox with one tab stop: the arrow keys move, Enter or a click opens an event.
 */

import { familyOf } from "../protocol/table.js";
import { element, isAtEnd } from "./dom.js";

// The rest of a longer data line is outside the row.
const LONGEST_ROW = 400;
const ROWS_BEYOND_VIEW = 6;

export class EventsView {
  #list;
  #space = element("div", "event-space");
  #table;
  #onOpen;
  /** @type {import("../stream/event-log.js").WireEvent[]} */
  #events = [];
  #count = 0;
  #active = -1;
  #opened = -1;
  /** @type {Map<number, HTMLElement>} */
  #rows = new Map();
  #rowHeight = 0;
  #isFollowing = true;

  /**
   * @param {HTMLElement} list the scroller, with role listbox
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {(index: number) => void} onOpen
   */
  constructor(list, table, onOpen) {
    this.#list = list;
    this.#table = table;
    this.#onOpen = onOpen;
    this.#space.setAttribute("role", "presentation");
    list.replaceChildren(this.#space);
    list.addEventListener("scroll", () => {
      this.#isFollowing = isAtEnd(list);
      this.#renderRows();
    });
    list.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("click", ({ target }) => {
      const row = target instanceof Element ? target.closest(".event-row") : null;
      const found = [...this.#rows].find(([, node]) => node === row);
      if (!found) return;
      this.#activate(found[0]);
      this.#onOpen(found[0]);
    });
    new ResizeObserver(() => this.#measure()).observe(list);
    this.#measure();
  }

  /** @param {import("../player/player.js").Player} player */
  render({ log: { events }, count }) {
    const isOther = this.#events !== events;
    if (!isOther && this.#count === count) return;
    if (isOther || count < this.#count) {
      for (const row of this.#rows.values()) row.remove();
      this.#rows.clear();
      this.#isFollowing = true;
    }
    this.#events = events;
    this.#count = count;
    if (this.#active >= count) this.#activate(-1);
    this.#layOut();
    if (this.#isFollowing) this.#list.scrollTop = this.#list.scrollHeight;
    this.#renderRows();
  }

  /** @param {number} index the event whose explanation is open; -1 for none */
  markOpened(index) {
    this.#opened = index;
    if (index >= 0 && index < this.#count) this.#activate(index);
    for (const [row, node] of this.#rows) this.#update(node, row);
  }

  #measure() {
    const probe = this.#row();
    probe.classList.add("event-probe");
    this.#space.append(probe);
    const height = probe.offsetHeight;
    probe.remove();
    if (height !== 0 && height !== this.#rowHeight) {
      this.#rowHeight = height;
      for (const [index, row] of this.#rows) this.#update(row, index);
      this.#layOut();
    }
    this.#renderRows();
  }

  #layOut() {
    this.#space.style.height = `${this.#count * this.#rowHeight}px`;
  }

  #renderRows() {
    if (this.#rowHeight === 0) return;
    const { scrollTop, clientHeight } = this.#list;
    const first = Math.max(0, Math.floor(scrollTop / this.#rowHeight) - ROWS_BEYOND_VIEW);
    const last = Math.min(
      this.#count,
      Math.ceil((scrollTop + clientHeight) / this.#rowHeight) + ROWS_BEYOND_VIEW,
    );
    for (const [index, row] of this.#rows) {
      // The active row stays, because the list's aria-activedescendant refers to it.
      if ((index < first || index >= last) && index !== this.#active) {
        row.remove();
        this.#rows.delete(index);
      }
    }
    for (let index = first; index < last; index += 1) this.#ensureRow(index);
  }

  /** @param {number} index */
  #ensureRow(index) {
    const existing = this.#rows.get(index);
    if (existing) return existing;
    const { at, name, raw } = this.#events[index];
    const row = this.#row(`family-${familyOf(this.#table, name)}`);
    row.id = `${this.#list.id}-${index + 1}`;
    row.setAttribute("aria-posinset", String(index + 1));
    const lines = raw.slice(0, 2 * LONGEST_ROW).split("\n");
    row.children[0].textContent = String(index + 1);
    row.children[1].textContent = lines.length > 1 ? lines[0].slice(0, LONGEST_ROW) : "";
    row.children[2].textContent = `${(at / 1000).toFixed(2)} s`;
    row.children[3].textContent = (lines[1] ?? lines[0]).slice(0, LONGEST_ROW);
    this.#update(row, index);
    this.#rows.set(index, row);
    this.#space.append(row);
    return row;
  }

  /** @param {string} [family] */
  #row(family = "") {
    const row = element("div", `event-row ${family}`);
    row.setAttribute("role", "option");
    row.append(
      element("span", "event-number"),
      element("span", "event-name", "event"),
      element("span", "event-time"),
      element("span", "event-data", "data"),
    );
    return row;
  }

  /**
   * @param {HTMLElement} row
   * @param {number} index
   */
  #update(row, index) {
    row.style.transform = `translateY(${index * this.#rowHeight}px)`;
    row.setAttribute("aria-selected", String(index === this.#opened));
    row.classList.toggle("is-active", index === this.#active);
  }

  /** @param {number} index -1 for none */
  #activate(index) {
    const previous = this.#active;
    const before = this.#rows.get(previous);
    this.#active = index;
    if (before) this.#update(before, previous);
    const list = this.#list;
    if (index < 0) {
      list.removeAttribute("aria-activedescendant");
      return;
    }
    const row = this.#ensureRow(index);
    this.#update(row, index);
    list.setAttribute("aria-activedescendant", row.id);
    const top = index * this.#rowHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    const overhang = top + this.#rowHeight - list.clientHeight;
    if (overhang > list.scrollTop) list.scrollTop = overhang;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || this.#count === 0) return;
    const page = Math.max(1, Math.floor(this.#list.clientHeight / this.#rowHeight) - 1);
    const last = this.#count - 1;
    const targets = /** @type {Record<string, number>} */ ({
      ArrowDown: Math.min(this.#active + 1, last),
      ArrowUp: this.#active < 0 ? last : Math.max(this.#active - 1, 0),
      PageDown: Math.min(this.#active + page, last),
      PageUp: Math.max(this.#active - page, 0),
      Home: 0,
      End: last,
    });
    if (event.key in targets) this.#activate(targets[event.key]);
    else if ((event.key === "Enter" || event.key === " ") && this.#active >= 0)
      this.#onOpen(this.#active);
    else return;
    event.preventDefault();
  }
}
