/** The status of a stream and the numbers beside it. */

import { countIn } from "../protocol/read.js";
import { part, setText } from "./dom.js";

/** @param {number | null} ms null where it is not known yet */
export function seconds(ms) {
  return ms === null ? "–" : `${(ms / 1000).toFixed(1)} s`;
}

export class StatsView {
  #status;
  /** @type {Map<string | undefined, HTMLElement>} by the name of their part */
  #nodes;

  /** @param {HTMLElement} root has a part for each number that the page shows */
  constructor(root) {
    this.#status = part(root, "status");
    const nodes = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-part]"));
    this.#nodes = new Map([...nodes].map((node) => [node.dataset.part, node]));
  }

  /**
   * @param {import("../player/player.js").Player} player
   * @param {import("../player/status.js").Status} status
   * @param {number} charactersPerToken
   */
  render(player, status, charactersPerToken) {
    const { log, firstWord, characters, assembly } = player;
    const estimate = Math.round(characters / charactersPerToken);
    const texts = {
      status: status.label,
      advice: status.advice.replaceAll("`", ""),
      elapsed: clocks(player),
      "first-word": seconds(firstWord),
      "first-event": seconds(log.events[0]?.at ?? null),
      gap: seconds(log.largestGap),
      characters: characters.toLocaleString("en"),
      estimate: `≈ ${estimate.toLocaleString("en")}`,
      usage: outputTokens(assembly.message),
      "events-count": log.events.length.toLocaleString("en"),
      bytes: log.bytes.toLocaleString("en"),
    };
    this.#status.dataset.kind = status.kind;
    for (const [name, text] of Object.entries(texts)) {
      const node = this.#nodes.get(name);
      if (node) setText(node, text);
    }
  }
}

/**
 * The time that passed. A typewriter, and a slider off real time, have a clock of their own.
 * @param {import("../player/player.js").Player} player
 */
function clocks({ log, count, phase, mode, timeScale, elapsed }) {
  if (mode === "sent" && timeScale === 1) return seconds(elapsed);
  const wire = (phase === "ended" ? log.ending?.at : log.events[count - 1]?.at) ?? 0;
  return `${seconds(wire)} on the wire, ${seconds(elapsed)} shown`;
}

/**
 * The output tokens of the last message_delta; message_start has only a start value.
 * @param {import("../protocol/message.js").WireObject | null} message
 */
function outputTokens(message) {
  if (!message?.stop_reason) return "–";
  const { output_tokens: output, output_tokens_details: details } = message.usage;
  const thinking = countIn(details?.thinking_tokens);
  const total = countIn(output)?.toLocaleString("en") ?? "–";
  return thinking ? `${total} (${thinking.toLocaleString("en")} thinking)` : total;
}
