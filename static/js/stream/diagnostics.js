/** What a program can notice of a stream that has ended: first the ending, then what was odd. */

import { Assembly } from "../protocol/message.js";
import { short, stringIn } from "../protocol/read.js";
import { endingOf } from "./ending.js";

/** @typedef {import("../stream/event-log.js").EventLog} EventLog */
/** @typedef {import("../protocol/table.js").ProtocolTable} ProtocolTable */
/** @typedef {import("./ending.js").Finding} Finding */

// An event's value was of another type, so it was shown otherwise, or passed over.
export const NOT_AS_DOCUMENTED = "Not as documented";
// Shorter silences are part of every stream.
const LONG_SILENCE_MS = 4000;

/**
 * @param {EventLog} log a stream that has ended
 * @param {ProtocolTable} table
 * @param {Assembly} [assembly] all of its events, where somebody has put them together already
 * @returns {Finding[]}
 */
export function findings(log, table, assembly = assembled(log)) {
  return [endingOf(log, assembly, table).finding, ...oddities(log, table, assembly)];
}

/** @param {EventLog} log */
function assembled({ events }) {
  const assembly = new Assembly();
  for (const { data } of events) assembly.apply(data);
  return assembly;
}

/**
 * What is odd in a stream, whatever its ending.
 * @param {EventLog} log a stream that has ended
 * @param {ProtocolTable} table
 * @param {Assembly} assembly all of its events
 * @returns {Finding[]}
 */
function oddities({ events, excess, ending }, table, { odd }) {
  /** @type {[string, string][]} */
  const found = [];
  if (odd) found.push([NOT_AS_DOCUMENTED, odd]);
  if (excess > 0) {
    const text = `The last ${excess.toLocaleString("en")} were not read.`;
    found.push(["More events than the page keeps", text]);
  }
  const garbled = events.findIndex(({ data }) => data === null);
  if (garbled >= 0) {
    const { raw } = events[garbled];
    const line = raw.split("\n").find((one) => one.startsWith("data:")) ?? raw;
    found.push(["Data that is no JSON object", `In event ${garbled + 1}: ${short(line, 80)}`]);
  }
  const unknown = unknownTypes(events, table).join(", ");
  if (unknown) found.push(["Unknown types, passed over", short(unknown, 400)]);
  const starts = events.filter(({ data }) => data?.type === "message_start").length;
  if (events.length > 0 && starts !== 1) {
    found.push([starts === 0 ? "No message_start" : "message_start came twice", ""]);
  }
  if (hasUnopened(events)) found.push(["A delta for a block that was not opened", ""]);
  if (events.some(({ raw }) => !/^event:/m.test(raw))) {
    found.push(["Events without an event line", "Their names were taken from their data."]);
  }
  if (ending?.dropped) {
    const size = ending.dropped.length.toLocaleString("en");
    found.push(["An unfinished event was dropped", `${size} characters without a blank line.`]);
  }
  const { ms, index } = longestSilence(events, ending?.at ?? 0);
  if (ms >= LONG_SILENCE_MS) {
    const where = index < events.length ? `before event ${index + 1}` : "at the end";
    found.push(["A long silence", `Nothing came for ${(ms / 1000).toFixed(1)} s ${where}.`]);
  }
  return found.map(([title, text]) => ({ kind: "note", title, text }));
}

/**
 * @param {EventLog["events"]} events
 * @param {ProtocolTable} table
 */
function unknownTypes(events, table) {
  const unknown = new Set();
  /** @type {(entries: Record<string, unknown>, name: unknown) => void} */
  const check = (entries, name) => {
    const text = stringIn(name);
    if (text && !Object.hasOwn(entries, text)) unknown.add(text);
  };
  for (const { name, data } of events) {
    if (data === null) continue;
    check(table.events, name);
    check(table.blocks, data.content_block?.type);
    if (data.type === "content_block_delta") check(table.deltas, data.delta?.type);
  }
  return [...unknown];
}

/** @param {EventLog["events"]} events */
function hasUnopened(events) {
  const opened = new Set();
  for (const { data } of events) {
    if (data?.type === "content_block_start") opened.add(data.index);
    if (data?.type === "content_block_delta" && !opened.has(data.index)) return true;
  }
  return false;
}

/**
 * The longest time without an event, and the index of the event that ended it.
 * @param {EventLog["events"]} events
 * @param {number} end milliseconds since the request
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
