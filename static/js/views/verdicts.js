/** What the requests of a key show about their client: a list with a line for each rule. */

import { element, part } from "./dom.js";

/**
 * @typedef {object} Verdict
 * @property {string} title of the rule
 * @property {string} threshold
 * @property {"passed" | "failed" | "not met"} result
 * @property {string} words
 * @property {string[]} requests ids of those that show it
 */
/** @typedef {import("../simulator/watch.js").JournalRequest} JournalRequest */

const MARKS = { passed: "✓", failed: "✗", "not met": "–" };
const MOST_TIMES = 3;

export class VerdictsView {
  #root;
  #list;

  /** @param {ParentNode} root */
  constructor(root) {
    this.#root = part(root, "verdicts");
    this.#list = part(this.#root, "verdict-list");
  }

  /**
   * @param {Verdict[]} verdicts
   * @param {JournalRequest[]} requests
   */
  render(verdicts, requests) {
    this.#root.hidden = verdicts.every(({ result }) => result === "not met");
    const times = new Map(requests.map(({ request_id, at }) => [request_id, timeOf(at)]));
    this.#list.replaceChildren(...verdicts.map((verdict) => item(verdict, times)));
  }

  /** @param {string} problem why there are no verdicts */
  fail(problem) {
    this.#root.hidden = false;
    this.#list.replaceChildren(element("li", "", problem));
  }
}

/**
 * @param {Verdict} verdict
 * @param {Map<string, string>} times of the requests by their ids
 */
function item({ title, threshold, result, words, requests }, times) {
  const line = element("li", `verdict-${result.replace(" ", "-")}`);
  const mark = element("span", "verdict-mark", MARKS[result]);
  mark.setAttribute("aria-hidden", "true");
  const head = element("strong", "", title);
  head.append(element("span", "visually-hidden", `: ${result}.`));
  const shown = requests.slice(-MOST_TIMES).map((id) => times.get(id) ?? "earlier");
  const at = shown.length > 0 ? ` At ${shown.join(", ")}.` : "";
  const about = result === "not met" ? threshold : `${words}${at} ${threshold}`;
  line.append(mark, head, element("p", "", about));
  return line;
}

/** @param {number} seconds since 1970 */
export function timeOf(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB");
}
