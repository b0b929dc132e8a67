/** What a live stream cost, once its last usage is known. */

import { breakdown, dollars, inputTokens, itemsOf, sum } from "../live/cost.js";
import { countIn } from "../protocol/read.js";
import { part, setText } from "./dom.js";

export class CostView {
  #root;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** A request is in flight: its cost is not known yet. */
  clear() {
    this.#set({ cost: "–", "cost-note": "The last usage says it.", input: "–" });
  }

  /**
   * The stream has ended: its message_delta has the final usage.
   * @param {import("../protocol/message.js").WireObject | null} message
   * @param {import("../live/cost.js").Price} price
   * @param {number | null} before US dollars that earlier requests for the same answer cost; null:
   *   unknown
   * @returns {number | null} US dollars that this request cost; null: unknown
   */
  show(message, price, before) {
    if (!message) {
      this.#set({ "cost-note": "No answer came, so there is no usage." });
      return null;
    }
    const { usage } = message;
    const isKnown = countIn(usage.input_tokens) !== null && countIn(usage.output_tokens) !== null;
    this.#set({ input: isKnown ? inputTokens(usage).toLocaleString("en") : "–" });
    if (!message.stop_reason || !isKnown) {
      this.#set({ "cost-note": "Unknown: no final usage came." });
      return null;
    }
    const items = itemsOf(usage, price);
    const cost = sum(items);
    let inAll = "";
    if (before === null) inAll = "; of the part before it is unknown";
    else if (before > 0) inAll = `; with the part before ${dollars(before + cost)}`;
    this.#set({ cost: dollars(cost), "cost-note": `= ${breakdown(items)}${inAll}` });
    return cost;
  }

  /** @param {Record<string, string>} texts by the name of their part */
  #set(texts) {
    for (const [name, text] of Object.entries(texts)) setText(part(this.#root, name), text);
  }
}
