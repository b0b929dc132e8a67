/** What usage says beside its tokens' prices, and what adding it up would claim. */

import { Assembly } from "../protocol/message.js";
import { countIn, isObject, parseJson } from "../protocol/read.js";

/** @typedef {import("../protocol/message.js").WireObject} WireObject */

/** US dollars for a web search. */
export const WEB_SEARCH = 0.01;

/** @param {WireObject} usage */
export function searchesIn(usage) {
  return countIn(usage.server_tool_use?.web_search_requests) ?? 0;
}

/**
 * The usage of each event of a message that has one, in their order.
 * @param {{data: WireObject | null}[]} events
 * @returns {WireObject[]}
 */
export function usagesOf(events) {
  const end = events.findIndex(({ data }) => data?.type === "message_stop");
  return events.slice(0, end < 0 ? undefined : end).flatMap(({ data }) => {
    const usage = data?.type === "message_start" ? data.message?.usage : data?.usage;
    return isObject(usage) ? [usage] : [];
  });
}

/**
 * What a program counts that adds up the usage of each event, instead of overwriting it.
 * @param {WireObject[]} usages
 * @returns {WireObject}
 */
export function addedUp(usages) {
  /** @type {WireObject} */
  const sums = {};
  for (const usage of usages) {
    for (const [name, value] of Object.entries(usage)) {
      if (isObject(value)) sums[name] = addedUp([sums[name] ?? {}, value]);
      else if (countIn(value) !== null) sums[name] = (sums[name] ?? 0) + value;
    }
  }
  return sums;
}

/**
 * A message that was pasted whole, or its usage alone, with values of the documented types.
 * @param {string} text
 * @returns {WireObject | null} null: it is neither
 */
export function messageWithUsage(text) {
  const value = parseJson(text);
  if (!isObject(value)) return null;
  const isBare = countIn(value.output_tokens) !== null || countIn(value.input_tokens) !== null;
  const { usage, ...message } = isBare ? { usage: value } : value;
  if (!isObject(usage)) return null;
  const assembly = new Assembly();
  assembly.apply({ type: "message_start", message: { model: message.model ?? "", usage } });
  return assembly.message;
}

/**
 * What the cost leaves out, or does not know.
 * @param {WireObject} usage
 * @param {boolean} isFinal whether it counts the whole answer
 */
export function notesOn(usage, isFinal) {
  const notes = [];
  if (!isFinal) {
    notes.push(
      "No final usage came, so the output is only the count of the start. What a broken stream costs is not documented: expect to be billed for what was generated.",
    );
  }
  if (usage.service_tier === "batch") notes.push("It was a batch, which costs half of this.");
  if (usage.speed === "fast") notes.push("It was sent in fast mode, which costs more than this.");
  if (usage.inference_geo === "us") notes.push("inference_geo is us, which costs 1.1 times this.");
  if (Array.isArray(usage.iterations) && usage.iterations.length > 0) {
    notes.push("It has iterations: after a compaction, sum those, which are not in these counts.");
  }
  return notes;
}
