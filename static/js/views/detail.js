/** One event explained, with the message as it was after it. */

import { assemble } from "../protocol/message.js";
import { jsonOf, short } from "../protocol/read.js";
import { explain, familyOf } from "../protocol/table.js";
import { element, inline, part, shortened } from "./dom.js";

export class DetailView {
  #root;
  #pane;
  #list;
  #table;

  /**
   * @param {HTMLElement} root in the pane of the list of events
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {{onMove: (by: number) => void, onClose: () => void}} told called when the visitor wants
   *   the explanation of another event, or none
   */
  constructor(root, table, { onMove, onClose }) {
    this.#root = root;
    this.#table = table;
    this.#pane = /** @type {HTMLElement} */ (root.parentElement);
    this.#list = part(this.#pane, "events");
    part(root, "detail-previous").addEventListener("click", () => onMove(-1));
    part(root, "detail-next").addEventListener("click", () => onMove(1));
    part(root, "detail-close").addEventListener("click", onClose);
    this.#pane.addEventListener("keydown", (event) => {
      if (root.hidden || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "Escape") onClose();
      else if (event.key === "ArrowLeft") onMove(-1);
      else if (event.key === "ArrowRight") onMove(1);
      else return;
      event.preventDefault();
    });
  }

  /** No event is open. */
  hide() {
    const hadFocus = this.#root.contains(document.activeElement);
    this.#root.hidden = true;
    if (hadFocus) this.#list.focus({ preventScroll: true });
  }

  /**
   * @param {import("../stream/event-log.js").WireEvent[]} events
   * @param {number} index the event to explain
   * @param {[number, number]} [mark] what of its lines is marked, in code units
   * @returns {string} the event's meaning in one sentence
   */
  show(events, index, mark) {
    const { name, raw, data, at } = events[index];
    const entries = explain(this.#table, name, data);
    const code = element("code", `family-${familyOf(this.#table, name)}`, short(name));
    const time = element("span", "detail-time", ` at ${(at / 1000).toFixed(2)} s`);
    part(this.#root, "detail-title").replaceChildren(`Event ${index + 1}: `, code, time);
    const meaning = element("div");
    if (data === null) meaning.append(element("p", "", "Its data is not a JSON object."));
    meaning.append(...entries.map(entryOf));
    if (entries.length === 0) {
      meaning.append(element("p", "", "Not a documented event: pass it over."));
    }
    const { message } = assemble(events.slice(0, index + 1));
    const body = part(this.#root, "detail-body");
    const received = sample("As it came", raw, mark);
    body.replaceChildren(
      // What is asked for stands first.
      ...(mark ? [received, meaning] : [meaning, received]),
      sample("The message after it", message ? jsonOf(message, 2) : "No message yet."),
    );
    body.scrollTop = 0;
    this.#reveal();
    return entries.at(-1)?.entry.meaning.replaceAll("`", "") ?? "Not a documented event.";
  }

  /** On phones it is a sheet over the page, which takes the focus; elsewhere the list keeps it. */
  #reveal() {
    const root = this.#root;
    root.hidden = false;
    const isSheet = getComputedStyle(root).position === "fixed";
    const holder = isSheet ? root : this.#pane;
    if (!holder.contains(document.activeElement)) {
      (isSheet ? root : this.#list).focus({ preventScroll: true });
    }
    if (!isSheet) root.scrollIntoView({ block: "nearest" });
  }
}

/** @param {import("../protocol/table.js").Named} named */
function entryOf({ name, entry }) {
  const root = element("section", "detail-entry");
  const heading = element("h3");
  heading.append(element("code", "", name));
  if (entry.stage === "beta") heading.append(element("span", "badge", "beta"));
  const list = element("dl");
  for (const [term, text] of [
    ["When", entry.when],
    ["Means", entry.meaning],
    ["Do", entry.client],
  ]) {
    const value = element("dd");
    value.append(...inline(text));
    list.append(element("dt", "", term), value);
  }
  const link = element("a", "", "In the reference");
  link.setAttribute("href", `/guide/events#${entry.anchor}`);
  link.setAttribute("aria-label", `${name} in the reference`);
  root.append(heading, list, link);
  return root;
}

/**
 * @param {string} title
 * @param {string} text
 * @param {[number, number]} [mark]
 */
function sample(title, text, [start, end] = [0, 0]) {
  const root = element("section", "detail-sample");
  const pre = element("pre");
  const marked = start < end ? element("mark", "", shortened(text.slice(start, end))) : "";
  pre.append(shortened(text.slice(0, start)), marked, shortened(text.slice(end)));
  pre.tabIndex = 0;
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", title);
  root.append(element("h3", "", title), pre);
  return root;
}
