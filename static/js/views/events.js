/**
 * The events, as a list that has elements only for the rows in view: ten thousand events cost as
 * much as thirty. A row shows what its event brings, or its bytes.
 *
 * A listbox with one tab stop: the arrow keys move, Enter or a click opens an event.
 */

import { payloadOf } from "../protocol/payload.js";
import { short } from "../protocol/read.js";
import { familyOf } from "../protocol/table.js";
import { element, isAtEnd } from "./dom.js";

/** @typedef {import("../stream/event-log.js").WireEvent} WireEvent */

// The rest of a longer line is outside the row.
const LONGEST_ROW = 400;
// Nobody listens to a longer payload of a row.
const LONGEST_NAME = 120;
// The JSON of a longer event is not written again for its row, which shows how its bytes begin.
const LONGEST_REWRITTEN = 1_000_000;
const ROWS_BEYOND_VIEW = 6;

export class EventsView {
  #list;
  #space = element("div", "event-space");
  #table;
  #onOpen;
  #onPoint;
  /** @type {WireEvent[]} */
  #events = [];
  #count = 0;
  #active = -1;
  #opened = -1;
  #hovered = -1;
  #marked = -1;
  /** @type {Map<number, HTMLElement>} */
  #rows = new Map();
  #rowHeight = 0;
  #isFollowing = true;
  #showsBytes = false;

  /**
   * @param {HTMLElement} list the scroller, with role listbox
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {{onOpen: (index: number) => void, onPoint: (index: number) => void}} told called with
   *   the event that the visitor opens, and with the one that is pointed at; -1 for none
   */
  constructor(list, table, { onOpen, onPoint }) {
    this.#list = list;
    this.#table = table;
    this.#onOpen = onOpen;
    this.#onPoint = onPoint;
    this.#space.setAttribute("role", "presentation");
    this.#space.dataset.empty = list.dataset.empty;
    list.replaceChildren(this.#space);
    list.addEventListener("scroll", () => {
      this.#isFollowing = isAtEnd(list);
      this.#renderRows();
    });
    list.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("click", ({ target }) => {
      const index = indexOf(target);
      if (index < 0) return;
      this.#activate(index);
      this.#onOpen(index);
    });
    list.addEventListener("pointerover", ({ target }) => this.#hover(indexOf(target)));
    list.addEventListener("pointerleave", () => this.#hover(-1));
    new ResizeObserver(() => this.#measure()).observe(list);
    this.#measure();
  }

  /** @param {import("../player/player.js").Player} player */
  render({ log: { events }, count }) {
    const isOther = this.#events !== events;
    if (!isOther && this.#count === count) return;
    if (isOther || count < this.#count) {
      this.#clear();
      this.#hovered = this.#marked = -1;
      this.#isFollowing = true;
    }
    this.#events = events;
    this.#count = count;
    if (this.#active >= count) this.#activate(-1);
    this.#layOut();
    if (this.#isFollowing && this.#opened < 0) this.#list.scrollTop = this.#list.scrollHeight;
    this.#renderRows();
    for (const row of this.#rows.values()) row.setAttribute("aria-setsize", String(count));
  }

  /** Show the bytes of each event in its row, or what it brings. @param {boolean} showsBytes */
  set showsBytes(showsBytes) {
    const first = this.#rowHeight && this.#list.scrollTop / this.#rowHeight;
    this.#showsBytes = showsBytes;
    this.#list.classList.toggle("shows-bytes", showsBytes);
    this.#clear();
    this.#measure();
    this.#list.scrollTop = first * this.#rowHeight;
    this.#activate(this.#active);
  }

  /** @param {number} index the event whose explanation is open; -1 for none */
  markOpened(index) {
    this.#opened = index;
    if (index >= 0 && index < this.#count) this.#activate(index);
    for (const [row, node] of this.#rows) this.#update(node, row);
  }

  /** The event whose row is pointed at, or else the active one; -1 for none. */
  get pointed() {
    return this.#hovered < 0 ? this.#active : this.#hovered;
  }

  /**
   * Mark the event whose text is pointed at.
   * @param {number} index -1 for none
   * @param {boolean} mayScroll to its row
   * @returns {boolean} whether it is another one than before
   */
  mark(index, mayScroll) {
    const previous = this.#marked;
    if (index === previous) return false;
    this.#marked = index;
    if (mayScroll && index >= 0) this.#scrollTo(index);
    for (const one of [previous, index]) {
      const row = this.#rows.get(one);
      if (row) this.#update(row, one);
    }
    return true;
  }

  #clear() {
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
  }

  /** @param {number} index */
  #hover(index) {
    if (index === this.#hovered) return;
    this.#hovered = index;
    this.#onPoint(this.pointed);
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
    // A list that an explanation below it has shortened still shows the row that is explained.
    if (this.#opened >= 0) this.#scrollTo(this.#opened);
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
    const event = this.#events[index];
    const row = this.#row(`family-${familyOf(this.#table, event.name)}`);
    const isRewritten = event.data !== null && event.raw.length <= LONGEST_REWRITTEN;
    const { place, kind, text, rest } = payloadOf(isRewritten ? event.data : null);
    const time = `${(event.at / 1000).toFixed(2)} s`;
    const brings = short(text.replace(/\s+/g, " ").trim(), LONGEST_NAME);
    const name = [index + 1, short(event.name), kind, brings, time].filter(Boolean).join(", ");
    row.id = `${this.#list.id}-${index + 1}`;
    row.setAttribute("aria-posinset", String(index + 1));
    row.setAttribute("aria-setsize", String(this.#count));
    const [hidden, first, second, third, last] = row.children;
    hidden.textContent = name;
    first.textContent = String(index + 1);
    third.textContent = time;
    if (this.#showsBytes || !isRewritten) {
      const lines = event.raw.slice(0, 2 * LONGEST_ROW).split("\n");
      second.textContent = lines.length > 1 ? lines[0].slice(0, LONGEST_ROW) : "";
      last.textContent = (lines[1] ?? lines[0]).slice(0, LONGEST_ROW);
    } else {
      second.textContent = short(event.name);
      const payload = element("span", "event-payload", oneLine(text));
      const frame = [place, kind].filter(Boolean).map((one) => `${one} `);
      last.replaceChildren(...frame, payload, text && " ", oneLine(rest));
    }
    this.#update(row, index);
    this.#rows.set(index, row);
    this.#space.append(row);
    return row;
  }

  /** @param {string} [family] */
  #row(family = "") {
    const row = element("div", `event-row ${family}`);
    row.setAttribute("role", "option");
    const shown = [
      element("span", "event-number"),
      element("span", "event-name", "event"),
      element("span", "event-time"),
      element("span", "event-data", "data"),
    ];
    // What is read aloud has an order of its own.
    for (const one of shown) one.setAttribute("aria-hidden", "true");
    row.append(element("span", "visually-hidden"), ...shown);
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
    row.classList.toggle("is-marked", index === this.#marked);
  }

  /** @param {number} index -1 for none */
  #activate(index) {
    const previous = this.#active;
    const before = this.#rows.get(previous);
    this.#active = index;
    if (before) this.#update(before, previous);
    if (index !== previous) this.#onPoint(index);
    const list = this.#list;
    if (index < 0) {
      list.removeAttribute("aria-activedescendant");
      return;
    }
    const row = this.#ensureRow(index);
    this.#update(row, index);
    list.setAttribute("aria-activedescendant", row.id);
    this.#scrollTo(index);
  }

  /** Bring a row into the list's view. @param {number} index */
  #scrollTo(index) {
    const list = this.#list;
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

/**
 * The event whose row an element belongs to; -1 for none.
 * @param {EventTarget | null} target
 */
function indexOf(target) {
  const row = target instanceof Element ? target.closest(".event-row") : null;
  return Number(row?.getAttribute("aria-posinset") ?? 0) - 1;
}

/** @param {string} text */
function oneLine(text) {
  return text.slice(0, LONGEST_ROW).replace(/\r?\n/g, "↵");
}
