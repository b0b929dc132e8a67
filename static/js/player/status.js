/** What a player is doing, in the words that the page shows. */

import { errorIn } from "../protocol/message.js";

/**
 * @typedef {object} Status
 * @property {"loading" | "ready" | "waiting" | "thinking" | "streaming" | "paused" | "complete"
 *   | "early" | "failed"} kind
 * @property {string} label
 * @property {string} advice what a client does now; "" where there is nothing to say
 */

const FAILED = "The stream could not be loaded";
const NOTHING = "Nothing came, so the request can be sent again.";
const CUT = "Keep the text and say that it is incomplete: only message_stop means complete.";

/**
 * @param {import("./player.js").Player} player
 * @param {import("../protocol/table.js").ProtocolTable} table
 * @returns {Status}
 */
export function statusOf(player, table) {
  switch (player.phase) {
    case "failed":
      return {
        kind: "failed",
        label: FAILED,
        advice: `${player.failure} Choose it again to retry.`,
      };
    case "paused":
      return { kind: "paused", label: "Paused", advice: "" };
    case "playing":
      return whilePlaying(player);
    case "ended":
      return atTheEnd(player, table);
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

/**
 * @param {import("./player.js").Player} player
 * @param {import("../protocol/table.js").ProtocolTable} table
 * @returns {Status}
 */
function atTheEnd(player, table) {
  const { assembly, reel } = player;
  if (reel.head && !reel.isStream) return notStreamed(reel, reel.head, table);
  if (assembly.error) {
    const type = String(assembly.error.type);
    return early(type, table.errors[type]?.client ?? CUT);
  }
  if (!assembly.isStopped) {
    const reason = reel.ending?.problem ?? "no message_stop";
    return early(reason, reel.events.length === 0 ? NOTHING : `${kept(player)} ${CUT}`);
  }
  const reason = String(assembly.message?.stop_reason);
  const entry = table.stop_reasons[reason];
  if (entry && entry.outcome !== "complete") return early(reason, entry.client);
  return { kind: "complete", label: `Complete: ${reason}`, advice: "" };
}

/**
 * @param {import("./reel.js").Reel} reel
 * @param {import("./reel.js").Head} head
 * @param {import("../protocol/table.js").ProtocolTable} table
 * @returns {Status}
 */
function notStreamed({ body }, { status, type }, table) {
  if (status < 300) return early("no event stream", `Look at the content-type: ${type}.`);
  const error = errorIn(body)?.type ?? "";
  return {
    kind: "early",
    label: error ? `HTTP ${status}: ${error}` : `HTTP ${status}`,
    advice: table.errors[error]?.client ?? "No stream has begun, so nothing is lost.",
  };
}

/**
 * What a client has of an answer that was cut.
 * @param {import("./player.js").Player} player
 */
function kept({ assembly, characters }) {
  const text = `${characters.toLocaleString("en")} characters came.`;
  const isHalf = assembly.open !== null && "partial_json" in assembly.open;
  return isHalf ? `${text} The input of ${assembly.open?.name} is cut: do not run it.` : text;
}

/**
 * @param {string} reason
 * @param {string} advice
 * @returns {Status}
 */
function early(reason, advice) {
  return { kind: "early", label: `Stopped early: ${reason}`, advice };
}
