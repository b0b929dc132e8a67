/** The rules that a stream breaks: where, what clients do there, and what a client should do. */

import { counted, short } from "../protocol/read.js";
import { titleOf } from "../stream/diagnostics.js";
import { element, inline } from "./dom.js";

/** @typedef {import("../stream/inspection.js").BrokenRule} BrokenRule */

/**
 * @typedef {object} Seen what clients were measured to do on a recording or a fault
 * @property {string} on
 * @property {string} href
 * @property {[string, string][]} clients their names, and what they do
 */

/**
 * @typedef {object} Rule
 * @property {number | null} number
 * @property {string} rule
 * @property {string} client what a client does
 * @property {string} href
 * @property {Seen[]} seen
 */

// So much is shown on each side of a place that is in no event.
const BYTES_AROUND = 120;

export class FindingsView {
  #root;
  #onChoose;
  /** @type {HTMLElement | null} the button that was chosen last */
  #chosen = null;

  /**
   * @param {HTMLElement} root
   * @param {(found: BrokenRule) => void} onChoose called with the one whose place is asked for
   */
  constructor(root, onChoose) {
    this.#root = root;
    this.#onChoose = onChoose;
  }

  /**
   * @param {BrokenRule[]} found
   * @param {Record<string, Rule>} rules
   * @param {Uint8Array} body
   */
  render(found, rules, body) {
    this.#chosen = null;
    const list = element("ol", "findings-list");
    list.append(...found.map((one) => this.#item(one, rules[one.rule], body)));
    this.#root.replaceChildren(
      found.length > 0 ? list : element("p", "", "Nothing is wrong with it: no rule is broken."),
    );
    this.#root.scrollTop = 0;
  }

  /** @param {string} sentence why there are no findings */
  clear(sentence) {
    this.#root.replaceChildren(element("p", "", sentence));
  }

  /**
   * @param {BrokenRule} found
   * @param {Rule | undefined} rule undefined: the rules could not be loaded
   * @param {Uint8Array} body
   */
  #item(found, rule, body) {
    const item = element("li", "finding");
    const title = element("h3", "", titleOf(found.rule));
    const place = element("button", "finding-place", placeOf(found));
    place.setAttribute("type", "button");
    place.setAttribute("aria-label", `${title.textContent}: ${place.textContent}`);
    const sample = found.event === null && body.length > 0 ? excerpt(body, found.offset) : null;
    place.addEventListener("click", () => {
      sample?.scrollIntoView({ block: "nearest" });
      this.#chosen?.removeAttribute("aria-current");
      this.#chosen = place;
      place.setAttribute("aria-current", "true");
      this.#onChoose(found);
    });
    const more = found.count > 1 ? `and in ${counted(found.count - 1, "more place")}` : "";
    const where = element("p", "finding-where");
    where.append(place, " ", more);
    const words = element("p", "finding-words", short(found.words, 300));
    item.append(title, where, words);
    if (sample) item.append(sample);
    if (rule) item.append(...about(rule));
    return item;
  }
}

/** @param {BrokenRule} found */
function placeOf({ event, offset }) {
  const byte = `byte ${offset.toLocaleString("en")}`;
  return event === null ? `Byte ${byte.slice(5)}` : `Event ${event.toLocaleString("en")}, ${byte}`;
}

/**
 * The bytes around a place that is in no event.
 * @param {Uint8Array} body
 * @param {number} offset
 */
function excerpt(body, offset) {
  const decoder = new TextDecoder();
  const before = decoder.decode(body.subarray(Math.max(0, offset - BYTES_AROUND), offset));
  const after = decoder.decode(body.subarray(offset, offset + BYTES_AROUND));
  const sample = element("pre", "finding-bytes");
  const mark = element("mark", "", after || "the end");
  sample.append(before, mark);
  return sample;
}

/** @param {Rule} rule */
function about(rule) {
  const sentence = element("p", "finding-rule");
  const link = element("a", "", rule.number === null ? "In the guide" : `Rule ${rule.number}`);
  link.setAttribute("href", rule.href);
  sentence.append(link, ": ", ...inline(rule.rule));
  const list = element("dl");
  const what = element("dd");
  what.append(...inline(rule.client));
  const seen = rule.seen.map(({ on, href, clients }) => {
    const line = element("dd");
    const source = element("a", "", on);
    source.setAttribute("href", href);
    const told = clients.map(([names, does]) => `${names}: ${does}`).join("; ");
    line.append("On ", source, ": ", ...inline(`${told}.`));
    return line;
  });
  if (seen.length === 0) seen.push(element("dd", "", "Not measured."));
  list.append(element("dt", "", "Do"), what, element("dt", "", "Clients"), ...seen);
  return [sentence, list];
}
