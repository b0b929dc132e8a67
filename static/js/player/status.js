/** What a player is doing, in the words that the page shows. */

import { short } from "../protocol/read.js";
import { endingOf } from "../stream/ending.js";

/**
 * @typedef {object} Status
 * @property {"loading" | "ready" | "waiting" | "thinking" | "streaming" | "paused" | "complete"
 *   | "early" | "failed"} kind
 * @property {string} label
 * @property {string} advice what a client does now; "" where there is nothing to say
 * @property {import("../stream/ending.js").Finding | null} [finding] the ending, once there is one
 */

const FAILED = "The stream could not be loaded";
const AGAIN = "Choose it again to retry.";
const BROKEN = "The page could not go on with this stream";

/**
 * @param {import("./player.js").Player} player
 * @param {import("../protocol/table.js").ProtocolTable} table
 * @returns {Status}
 */
export function statusOf(player, table) {
  switch (player.phase) {
    case "failed":
      return player.isBroken ? broken(player) : failed(FAILED, `${player.failure} ${AGAIN}`);
    case "paused":
      return { kind: "paused", label: "Paused", advice: "" };
    case "playing":
      return whilePlaying(player);
    case "ended":
      return endingOf(player.log, player.assembly, table);
    default:
      return player.isLoading
        ? { kind: "loading", label: "Loading", advice: "" }
        : { kind: "ready", label: "Ready", advice: "" };
  }
}

/**
 * @param {import("./player.js").Player} player
 * @returns {Status}
 */
function broken({ failure, count, characters }) {
  const what = `An error of the page's own, after event ${count}: ${short(String(failure))}.`;
  const came = `${characters.toLocaleString("en")} characters came; what is shown of them stays.`;
  return failed(BROKEN, `${what} ${came} Choose a stream again, or reload the page.`);
}

/**
 * @param {string} label
 * @param {string} advice
 * @returns {Status}
 */
function failed(label, advice) {
  return { kind: "failed", label, advice, finding: { kind: "problem", title: label, text: "" } };
}

/**
 * @param {import("./player.js").Player} player
 * @returns {Status}
 */
function whilePlaying(player) {
  const { assembly } = player;
  if (assembly.open?.type === "thinking" || assembly.open?.type === "redacted_thinking") {
    return { kind: "thinking", label: "Thinking", advice: "" };
  }
  if (player.characters === 0 || player.isIdle) {
    return { kind: "waiting", label: "Waiting", advice: "" };
  }
  return { kind: "streaming", label: "Streaming", advice: "" };
}
