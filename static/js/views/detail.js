/** One event explained, with the message as it was after it. */

import { assemble } from "../protocol/message.js";
import { jsonOf, short } from "../protocol/read.js";
import { explain, familyOf } from "../protocol/table.js";
import { element, inline, shortened } from "./dom.js";

export class DetailView {
  #root;
  #table;

  /**
   * @param {HTMLElement} root
   * @param {import("../protocol/table.js").ProtocolTable} table
   */
  constructor(root, table) {
    this.#root = root;
    this.#table = table;
  }

  /** No event is open: show what opening one would give. */
  clear() {
    const hint = "Choose an event to see what it means, and the message as it is after it.";
    this.#root.replaceChildren(element("p", "detail-hint", hint));
  }

  /**
   * @param {import("../stream/event-log.js").WireEvent[]} events
   * @param {number} index the event to explain
   * @returns {string} the event's meaning in one sentence
   */
  show(events, index) {
    const { name, raw, data, at } = events[index];
    const entries = explain(this.#table, name, data);
    const title = element("h2", "detail-title", `Event ${index + 1}: `);
    title.append(element("code", `family-${familyOf(this.#table, name)}`, short(name)));
    title.append(element("span", "detail-time", ` at ${(at / 1000).toFixed(2)} s`));
    const meaning = element("div", "detail-meaning");
    if (data === null) meaning.append(element("p", "", "Its data is not a JSON object."));
    meaning.append(...entries.map(entryOf));
    if (entries.length === 0) {
      meaning.append(element("p", "", "Not a documented event: pass it over."));
    }
    const { message } = assemble(events.slice(0, index + 1));
    this.#root.replaceChildren(
      title,
      meaning,
      sample("As it came", raw),
      sample("The message after it", message ? jsonOf(message, 2) : "No message yet."),
    );
    return entries.at(-1)?.entry.meaning.replaceAll("`", "") ?? "Not a documented event.";
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
 */
function sample(title, text) {
  const root = element("section", "detail-sample");
  const pre = element("pre", "", shortened(text));
  pre.tabIndex = 0;
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", title);
  root.append(element("h3", "", title), pre);
  return root;
}
