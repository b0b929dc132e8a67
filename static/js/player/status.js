/** What a player is doing, in the words that the page shows. */

import { sentence, short } from "../protocol/read.js";
import { endingOf } from "../stream/ending.js";

/**
 * @typedef {object} Status
 * @property {"loading" | "ready" | "waiting" | "thinking" | "streaming" | "paused" | "complete"
 *   | "early" | "failed"} kind
 * @property {string} label
 * @property {string} advice what a client does now; "" where there is nothing to do
 * @property {import("../stream/ending.js").Finding} [finding] the ending, once there is one
 */

/**
 * @param {import("./player.js").Player} player
 * @param {import("../protocol/table.js").ProtocolTable} table
 * @returns {Status}
 */
export function statusOf(player, table) {
  const { phase, isLoading, isBroken, isIdle, failure, count, characters, assembly } = player;
  if (phase === "ended") return endingOf(player.log, assembly, table);
  if (phase === "failed" && isBroken) {
    const what = `An error of the page's own, after event ${count}: ${short(String(failure))}.`;
    const kept = `${characters.toLocaleString("en")} characters came; what is shown of them stays.`;
    const advice = `${what} ${kept} Choose a stream again, or reload the page.`;
    return failed("The page could not go on with this stream", advice);
  }
  if (phase === "failed") {
    return failed("The stream could not be loaded", sentence(failure));
  }
  if (phase === "paused") return { kind: "paused", label: "Paused", advice: "" };
  if (phase !== "playing") {
    return isLoading
      ? { kind: "loading", label: "Loading", advice: "" }
      : { kind: "ready", label: "Ready", advice: "" };
  }
  if (assembly.open?.type === "thinking" || assembly.open?.type === "redacted_thinking") {
    return { kind: "thinking", label: "Thinking", advice: "" };
  }
  return characters === 0 || isIdle
    ? { kind: "waiting", label: "Waiting", advice: "" }
    : { kind: "streaming", label: "Streaming", advice: "" };
}

/**
 * @param {string} label
 * @param {string} advice
 * @returns {Status}
 */
function failed(label, advice) {
  return { kind: "failed", label, advice, finding: { kind: "problem", title: label, text: "" } };
}
