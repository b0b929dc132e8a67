/** What a live stream took: its times while it comes, and what it cost once that is known. */

import { breakdown, dollars, inputTokens, itemsOf, sum } from "../live/cost.js";
import { Times } from "../live/times.js";
import { countIn } from "../protocol/read.js";
import { part } from "./dom.js";
import { seconds } from "./readouts.js";

/** @typedef {import("../player/reel.js").Reel} Reel */

const UNKNOWN = "Unknown: no final usage came.";

export class FiguresView {
  #root;
  #times = new Times();
  /** @type {Reel | null} */
  #reel = null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /**
   * Times and sizes of what has come.
   * @param {Reel} reel
   */
  follow(reel) {
    if (this.#reel !== reel) {
      this.#reel = reel;
      this.#times = new Times();
      this.#clearCost();
    }
    this.#times.follow(reel);
    const { firstEvent, largestGap } = this.#times;
    this.#set("first-event", firstEvent === null ? "–" : seconds(firstEvent));
    this.#set("gap", largestGap === null ? "–" : seconds(largestGap));
    this.#set("events-count", reel.events.length.toLocaleString("en"));
    this.#set("bytes", reel.bytes.toLocaleString("en"));
  }

  /**
   * The end: only a message_delta knows the usage.
   * @param {import("../protocol/message.js").WireObject | null} message
   * @param {import("../live/cost.js").Price} price
   * @param {number | null} before what earlier requests for the same answer cost; null: unknown
   * @returns {number | null} what this request cost; null: unknown
   */
  showCost(message, price, before) {
    if (!message) {
      this.#set("cost-note", "No answer came, so there is no usage.");
      return null;
    }
    const { usage } = message;
    const isKnown = countIn(usage.input_tokens) !== null && countIn(usage.output_tokens) !== null;
    this.#set("input", isKnown ? inputTokens(usage).toLocaleString("en") : "–");
    if (!message.stop_reason || !isKnown) {
      this.#set("cost-note", UNKNOWN);
      return null;
    }
    const items = itemsOf(usage, price);
    const cost = sum(items);
    this.#set("cost", dollars(cost));
    this.#set("cost-note", `= ${breakdown(items)}${inAll(cost, before)}`);
    return cost;
  }

  #clearCost() {
    this.#set("cost", "–");
    this.#set("cost-note", "The last usage tells it.");
    this.#set("input", "–");
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #set(name, text) {
    const node = part(this.#root, name);
    if (node.textContent !== text) node.textContent = text;
  }
}

/**
 * @param {number} cost
 * @param {number | null} before
 */
function inAll(cost, before) {
  if (before === null) return "; of the part before it is unknown";
  return before > 0 ? `; with the part before ${dollars(before + cost)}` : "";
}
