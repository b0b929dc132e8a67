/** What a client can notice of a stream that is over: first how it ended, then what was odd. */

import { Assembly, errorIn } from "../protocol/message.js";
import { short, stringIn } from "../protocol/read.js";
import { BROKEN, STOPPED, TOO_LONG, UNANSWERED } from "./reel.js";

/** @typedef {import("./reel.js").Reel} Reel */
/** @typedef {import("../protocol/table.js").ProtocolTable} ProtocolTable */

/**
 * @typedef {object} Finding
 * @property {"complete" | "problem" | "note"} kind
 * @property {string} title
 * @property {string} text
 */

// Chromium empties the queue of a body that fails.
const LOST = "What had come but was not yet read is lost.";
// What of an event was shown otherwise, or passed over, because its value is of another kind.
export const NOT_AS_DOCUMENTED = "Not as documented";
// Shorter silences are part of every stream.
const LONG_SILENCE = 4000;

/**
 * @param {Reel} reel a stream that has ended
 * @param {ProtocolTable} table
 * @returns {Finding[]}
 */
export function findings(reel, table) {
  const assembly = new Assembly();
  for (const { data } of reel.events) assembly.apply(data);
  const found = oddities(reel, table, assembly).map(([title, text]) => note(title, text));
  return [ending(reel, assembly), ...found];
}

/**
 * @param {Reel} reel
 * @param {Assembly} assembly
 * @returns {Finding}
 */
function ending(reel, { error }) {
  const { head, ending: end, events } = reel;
  if (end?.problem === STOPPED) {
    return note("You stopped it", `The request was aborted ${after(events.length)}.`);
  }
  if (end?.problem === UNANSWERED) {
    return problem("Network error", "The request failed before any answer: no status, no headers.");
  }
  if (head && !reel.isStream) return notStreamed(reel, head);
  if (error) return problem(`Error event: ${short(error.type)}`, short(error.message, 1000));
  const last = events.findLast(({ data }) => data?.type === "message_stop");
  if (last) {
    const reasons = events.map(({ data }) => stringIn(data?.delta?.stop_reason));
    const reason = short(reasons.findLast(Boolean) ?? "no stop_reason");
    return { kind: "complete", title: "Complete", text: `message_stop came, after ${reason}.` };
  }
  if (end?.problem === TOO_LONG) {
    const where = `What came ${after(events.length)} has no end within 32 MB`;
    return problem(
      "Too long an event",
      `${where}, so the page stopped reading. All before it is kept.`,
    );
  }
  return end?.problem === BROKEN
    ? problem("Network error", `The connection broke ${after(events.length)}. ${LOST}`)
    : problem(
        "Ended without message_stop",
        `The body ended in good order ${after(events.length)}: only the missing event tells.`,
      );
}

/**
 * @param {Reel} reel
 * @param {import("./reel.js").Head} head
 */
function notStreamed({ body }, { status, type, headers = {} }) {
  const about = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (status < 300) return problem("Not an event stream", `HTTP ${status} with ${type}.`);
  const error = errorIn(body);
  const text = error
    ? `${short(error.type)}: ${short(error.message, 1000)}`
    : body.trim().slice(0, 200);
  return problem(`HTTP ${status} before a stream`, [text, ...about].join(" · "));
}

/**
 * @param {Reel} reel
 * @param {ProtocolTable} table
 * @param {Assembly} assembly
 * @returns {[string, string][]}
 */
function oddities({ events, excess, ending: end }, table, { odd }) {
  /** @type {[string, string][]} */
  const found = [];
  if (odd) found.push([NOT_AS_DOCUMENTED, odd]);
  if (excess > 0) found.push(["More events than the page keeps", left(excess)]);
  const garbled = events.findIndex(({ data }) => data === null);
  if (garbled >= 0) {
    found.push([
      "Data that is no JSON object",
      `In event ${garbled + 1}: ${sample(events[garbled])}`,
    ]);
  }
  const unknown = unknownTypes(events, table);
  if (unknown.length > 0)
    found.push(["Unknown types, passed over", short(unknown.join(", "), 400)]);
  const starts = events.filter(({ data }) => data?.type === "message_start").length;
  if (events.length > 0 && starts !== 1) {
    found.push([starts === 0 ? "No message_start" : "message_start came twice", ""]);
  }
  if (hasUnopened(events)) found.push(["A delta for a block that was not opened", ""]);
  if (events.some(({ raw }) => !/^event:/m.test(raw))) {
    found.push(["Events without an event line", "Their names were taken from their data."]);
  }
  if (end?.dropped) {
    const size = end.dropped.length.toLocaleString("en");
    found.push(["An unfinished event was dropped", `${size} characters without a blank line.`]);
  }
  const silence = longestSilence(events, end?.at ?? 0);
  if (silence.ms >= LONG_SILENCE) {
    const where =
      silence.index < events.length ? `before event ${silence.index + 1}` : "at the end";
    found.push([
      "A long silence",
      `Nothing came for ${(silence.ms / 1000).toFixed(1)} s ${where}.`,
    ]);
  }
  return found;
}

/**
 * @param {Reel["events"]} events
 * @param {ProtocolTable} table
 */
function unknownTypes(events, table) {
  const names = new Set(
    events.flatMap(({ name, data }) => [
      data === null ? "" : unlessIn(table.events, name),
      unlessIn(table.blocks, data?.content_block?.type),
      data?.type === "content_block_delta" ? unlessIn(table.deltas, data.delta?.type) : "",
    ]),
  );
  return [...names].filter(Boolean);
}

/**
 * @param {Record<string, unknown>} entries
 * @param {unknown} name
 */
function unlessIn(entries, name) {
  const text = stringIn(name);
  return Object.hasOwn(entries, text) ? "" : text;
}

/** @param {Reel["events"]} events */
function hasUnopened(events) {
  const opened = new Set();
  for (const { data } of events) {
    if (data?.type === "content_block_start") opened.add(data.index);
    if (data?.type === "content_block_delta" && !opened.has(data.index)) return true;
  }
  return false;
}

/**
 * The longest time in which no event came, and the index of the event that ended it.
 * @param {Reel["events"]} events
 * @param {number} end
 */
function longestSilence(events, end) {
  let longest = { ms: 0, index: 0 };
  let before = 0;
  for (const [index, at] of [...events.map((event) => event.at), end].entries()) {
    if (at - before > longest.ms) longest = { ms: at - before, index };
    before = at;
  }
  return longest;
}

/** @param {Reel["events"][number]} event */
function sample({ raw }) {
  const line = raw.split("\n").find((one) => one.startsWith("data:")) ?? raw;
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

/** @param {number} count */
function left(count) {
  return `The last ${count.toLocaleString("en")} were not read.`;
}

/** @param {number} count */
function after(count) {
  return count === 0 ? "before the first event" : `after event ${count}`;
}

/**
 * @param {string} title
 * @param {string} text
 * @returns {Finding}
 */
function problem(title, text) {
  return { kind: "problem", title, text };
}

/**
 * @param {string} title
 * @param {string} text
 * @returns {Finding}
 */
function note(title, text) {
  return { kind: "note", title, text };
}
