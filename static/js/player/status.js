/** What a player is doing, in the words that the page shows. */

import { errorIn } from "../protocol/message.js";
import { entryIn, short } from "../protocol/read.js";

/**
 * @typedef {object} Status
 * @property {"loading" | "ready" | "waiting" | "thinking" | "streaming" | "paused" | "complete"
 *   | "early" | "failed"} kind
 * @property {string} label
 * @property {string} advice what a client does now; "" where there is nothing to say
 */

const FAILED = "The stream could not be loaded";
const AGAIN = "Choose it again to retry.";
const BROKEN = "The page could not go on with this stream";
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
      return player.isBroken ? broken(player) : failed(FAILED, `${player.failure} ${AGAIN}`);
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
  return { kind: "failed", label, advice };
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
    const { type } = assembly.error;
    return early(type, entryIn(table.errors, type)?.client ?? CUT);
  }
  if (!assembly.isStopped) {
    const reason = reel.ending?.problem ?? "no message_stop";
    return early(reason, reel.events.length === 0 ? NOTHING : `${kept(player)} ${CUT}`);
  }
  const reason = assembly.message?.stop_reason ?? "no stop_reason";
  const entry = entryIn(table.stop_reasons, reason);
  if (entry && entry.outcome !== "complete") return early(reason, entry.client);
  return { kind: "complete", label: `Complete: ${short(reason)}`, advice: "" };
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
    label: error ? `HTTP ${status}: ${short(error)}` : `HTTP ${status}`,
    advice: entryIn(table.errors, error)?.client ?? "No stream has begun, so nothing is lost.",
  };
}

/**
 * What a client has of an answer that was cut.
 * @param {import("./player.js").Player} player
 */
function kept({ assembly, characters }) {
  const text = `${characters.toLocaleString("en")} characters came.`;
  const isHalf = assembly.open !== null && "partial_json" in assembly.open;
  return isHalf
    ? `${text} The input of ${short(assembly.open?.name ?? "a call")} is cut: do not run it.`
    : text;
}

/**
 * @param {string} reason
 * @param {string} advice
 * @returns {Status}
 */
function early(reason, advice) {
  return { kind: "early", label: `Stopped early: ${short(reason)}`, advice };
}
