/** The numbers beside a stream, and the words for what it is doing. */

import { countIn } from "../protocol/read.js";
import { optionalPart, part } from "./dom.js";

/** @param {number} ms */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

export class ReadoutsView {
  #status;
  #advice;
  #elapsed;
  #firstWord;
  #characters;
  #estimate;
  #usage;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#status = part(root, "status");
    this.#advice = optionalPart(root, "advice");
    this.#elapsed = part(root, "elapsed");
    this.#firstWord = part(root, "first-word");
    this.#characters = part(root, "characters");
    this.#estimate = part(root, "estimate");
    this.#usage = part(root, "usage");
  }

  /**
   * @param {import("../player/player.js").Player} player
   * @param {import("../player/status.js").Status} status
   * @param {number} charactersPerToken
   */
  render(player, status, charactersPerToken) {
    set(this.#status, status.label);
    this.#status.dataset.kind = status.kind;
    if (this.#advice) set(this.#advice, status.advice.replaceAll("`", ""));
    set(this.#elapsed, seconds(player.elapsed));
    set(this.#firstWord, player.firstWord === null ? "–" : seconds(player.firstWord));
    set(this.#characters, player.characters.toLocaleString("en"));
    const estimate = Math.round(player.characters / charactersPerToken);
    set(this.#estimate, `≈ ${estimate.toLocaleString("en")}`);
    set(this.#usage, usageOf(player));
  }
}

/**
 * The output tokens that message_delta brought; message_start holds only a start value.
 * @param {import("../player/player.js").Player} player
 */
function usageOf({ assembly }) {
  const { message } = assembly;
  if (!message?.stop_reason) return "–";
  const { output_tokens: output, output_tokens_details: details } = message.usage;
  const thinking = countIn(details?.thinking_tokens);
  const total = countIn(output)?.toLocaleString("en") ?? "–";
  return thinking ? `${total} (${thinking.toLocaleString("en")} thinking)` : total;
}

/**
 * Write only what changed: an unchanged text node costs no layout.
 * @param {HTMLElement} node
 * @param {string} text
 */
function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
