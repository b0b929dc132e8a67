/**
 * How a stream ended, and why. The status, the diagnostics and the advice of live mode all take
 * their words from this one judgment, so that they cannot contradict each other.
 */

import { errorIn } from "../protocol/message.js";
import { codePoints, entryIn, parseJson, short, stringIn } from "../protocol/read.js";
import { BROKEN, LEFT, OPEN, STOPPED, TOO_LONG, UNANSWERED } from "./event-log.js";

/** @typedef {import("./event-log.js").EventLog} EventLog */
/** @typedef {import("../protocol/message.js").Assembly} Assembly */
/** @typedef {import("../protocol/table.js").ProtocolTable} ProtocolTable */

/**
 * @typedef {object} Finding what a program can notice of a stream
 * @property {"complete" | "problem" | "note"} kind
 * @property {string} title
 * @property {string} text
 */

/**
 * @typedef {object} StreamEnding
 * @property {"complete" | "early"} kind
 * @property {string} label the words for the status
 * @property {string} advice what a client does now; "" where there is nothing to do
 * @property {Finding} finding what a program can notice of the ending
 * @property {string} [reason] the stop reason of a message that message_stop completed
 */

export const UNDELIVERED = "message_stop was not delivered";
const NO_STOP = "no message_stop";
const NOTHING = "Nothing came, so the request can be sent again.";
const CUT = "Keep the text and say that it is incomplete: only message_stop means complete.";
// Chromium discards the unread bytes of a response that fails.
const LOST = "What had come but was not yet read is lost.";

/**
 * The ending of a stream. The first of these that it has counts: another status or content-type
 * than a stream has, an error event, message_stop, the end of its body.
 * @param {EventLog} log a stream that has ended
 * @param {Assembly} assembly all of its events
 * @param {ProtocolTable} table
 * @returns {StreamEnding}
 */
export function endingOf(log, assembly, table) {
  const { head, events, body } = log;
  if (head && !log.isStream) return notStreamed(head, body, table);
  if (assembly.error) {
    const { type, message } = assembly.error;
    const advice = entryIn(table.errors, type)?.client ?? CUT;
    return early(type, advice, `Error event: ${short(type)}`, short(message, 1000));
  }
  const reasons = events.map(({ data }) => stringIn(data?.delta?.stop_reason));
  const reason = assembly.message?.stop_reason || reasons.findLast(Boolean) || "no stop_reason";
  const entry = entryIn(table.stop_reasons, reason);
  if (assembly.isSpliced) {
    const text = "A second message_start has another id. What followed is not shown.";
    return early("another message", CUT, "Another message began", text);
  }
  if (assembly.lost) {
    const text = `The data of a ${assembly.lost} is no JSON object. What followed is not shown.`;
    return early("unreadable event", CUT, "An event could not be read", text);
  }
  if (!assembly.message && events.some(({ data }) => data?.type === "message_stop")) {
    return early("no message", CUT, "message_stop without a message", "No message_start came.");
  }
  if (!assembly.isStopped) {
    const [, dropped = ""] = /^data:(.*)/m.exec(log.ending?.dropped ?? "") ?? [];
    const isThere = parseJson(dropped)?.type === "message_stop";
    return isThere ? undelivered(reason, entry) : cut(log, assembly);
  }
  const text = `message_stop came, after ${short(reason)}.${missing(assembly, reason)}`;
  const ending = early(reason, entry?.client ?? "", "Complete", text, "complete");
  if (entry && entry.outcome !== "complete") return { ...ending, reason };
  return { ...ending, reason, kind: "complete", label: `Complete: ${short(reason)}`, advice: "" };
}

/**
 * What a message lacks although it is complete.
 * @param {Assembly} assembly
 * @param {string} reason
 */
function missing({ blocks, streamed }, reason) {
  /** @param {string} type */
  const has = (type) => blocks.some((block) => block.type === type);
  const hasText = blocks.some(({ type }, place) => type === "text" && streamed[place] !== "");
  if (reason === "end_turn" && has("tool_use")) return " A tool call waits for its result.";
  if (reason === "tool_use" && !has("tool_use")) return " There is no tool call.";
  const isUsedUp = reason === "max_tokens" && has("thinking") && !hasText;
  return isUsedUp ? " No text came: thinking used it up." : "";
}

/**
 * @param {import("./event-log.js").Head} head
 * @param {string} body
 * @param {ProtocolTable} table
 */
function notStreamed({ status, type, headers = {} }, body, table) {
  if (status < 300) {
    const advice = `Look at the content-type: ${type}.`;
    return early("no event stream", advice, "Not an event stream", `HTTP ${status} with ${type}.`);
  }
  const error = errorIn(body);
  const text = error
    ? `${short(error.type)}: ${short(error.message, 1000)}`
    : body.trim().slice(0, 200);
  const about = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const advice = entryIn(table.errors, error?.type)?.client;
  return {
    ...early(
      "",
      advice ?? "No stream has begun, so nothing is lost.",
      `HTTP ${status} before a stream`,
      [text, ...about].join(" · "),
    ),
    label: error ? `HTTP ${status}: ${short(error.type)}` : `HTTP ${status}`,
  };
}

/**
 * A stream whose message_stop came without its blank line.
 * @param {string} reason the stop reason
 * @param {import("../protocol/table.js").Entry | undefined} entry that of the stop reason
 */
function undelivered(reason, entry) {
  const advice = entry ? `Before it came ${reason}. ${entry.client}` : CUT;
  const text = "No blank line ended message_stop.";
  return early("message_stop not delivered", advice, UNDELIVERED, text);
}

/**
 * A stream without message_stop and without an error event.
 * @param {EventLog} log
 * @param {Assembly} assembly
 */
function cut({ ending, events }, { open, blocks, streamed }) {
  const after = events.length === 0 ? "before the first event" : `after event ${events.length}`;
  // Thinking is not part of the answer.
  const answer = streamed.filter((_, index) => blocks[index].type !== "thinking").join("");
  const kept = `${codePoints(answer).toLocaleString("en")} characters came.`;
  const isHalf = open !== null && "partial_json" in open;
  const call = isHalf ? ` The input of ${short(open.name ?? "a call")} is cut: do not run it.` : "";
  const advice = events.length === 0 ? NOTHING : `${kept}${call} ${CUT}`;
  const why = ending?.problem ?? NO_STOP;
  /** @type {Record<string, [string, string]>} */
  const words = {
    [STOPPED]: ["You stopped it", `The request was aborted ${after}.`],
    [UNANSWERED]: ["Network error", "The request failed before any answer: no status, no headers."],
    [BROKEN]: ["Network error", `The connection broke ${after}. ${LOST}`],
    [LEFT]: ["The client left", `It ended the request ${after}, while more could come.`],
    [OPEN]: [
      "Nothing more came",
      `The connection stayed open ${after}: only a limit of the client's own ends the request.`,
    ],
    [TOO_LONG]: [
      "Too long an event",
      `What came ${after} has no end within 32 MB, so the page stopped reading. All before it is kept.`,
    ],
    [NO_STOP]: [
      "Ended without message_stop",
      `The body ended in good order ${after}: only the missing event tells.`,
    ],
  };
  const [title, text] = words[why];
  return early(why, advice, title, text, why === STOPPED ? "note" : "problem");
}

/**
 * @param {string} why
 * @param {string} advice
 * @param {string} title of the finding
 * @param {string} text of the finding
 * @param {Finding["kind"]} [kind] of the finding
 * @returns {StreamEnding}
 */
function early(why, advice, title, text, kind = "problem") {
  const label = `Stopped early: ${short(why)}`;
  return { kind: "early", label, advice, finding: { kind, title, text } };
}
