/** What a program can notice of a stream that has ended: first the ending, then what was odd. */

import { assemble } from "../protocol/message.js";
import { counted, short, stringIn } from "../protocol/read.js";
import { endingOf, UNDELIVERED } from "./ending.js";

/** @typedef {import("./ending.js").Finding} Finding */
/** @typedef {import("./event-log.js").EventLog} EventLog */
/** @typedef {import("../protocol/table.js").ProtocolTable} ProtocolTable */

// An event's value was of another type, so it was shown otherwise, or ignored.
export const NOT_AS_DOCUMENTED = "Not as documented";
// Shorter silences are part of every stream.
const LONG_SILENCE_MS = 4000;

/**
 * @param {EventLog} log a stream that has ended
 * @param {ProtocolTable} table
 * @param {import("../protocol/message.js").Assembly} [assembly] all of its events
 * @returns {Finding[]}
 */
export function findings(log, table, assembly = assemble(log.events)) {
  const { events, excess, ending } = log;
  const found = [endingOf(log, assembly, table).finding];
  /** @type {(title: string, text?: string) => void} */
  const note = (title, text = "") => found.push({ kind: "note", title, text });

  if (assembly.odd) note(NOT_AS_DOCUMENTED, assembly.odd);
  if (excess > 0) {
    const text = `The last ${excess.toLocaleString("en")} were not read.`;
    note("More events than the page keeps", text);
  }
  const garbled = events.findIndex(({ data }) => data === null);
  if (garbled >= 0) {
    const { raw } = events[garbled];
    const line = raw.split("\n").find((one) => one.startsWith("data:")) ?? raw;
    note("Data that is no JSON object", `In event ${garbled + 1}: ${short(line, 80)}`);
  }
  const { unknown, hasUnopened, silence } = scan(log, table);
  if (unknown.length > 0) note("Unknown types, passed over", short(unknown.join(", "), 400));
  if (events.length > 0 && !assembly.message) note("No message_start");
  if (assembly.repeats > 0) note("message_start came again", "It changed nothing.");
  if (assembly.late > 0) {
    note("Events after the end", `${counted(assembly.late, "event")}, no part of the message.`);
  }
  if (hasUnopened) note("A delta for a block that was not opened");
  if (events.some(({ raw }) => !/^event:/m.test(raw))) {
    note("Events without an event line", "Their names were taken from their data.");
  }
  if (ending?.dropped && found[0].title !== UNDELIVERED) {
    const size = ending.dropped.length.toLocaleString("en");
    note("An unfinished event was dropped", `${size} characters without a blank line.`);
  }
  const { ms, index } = silence;
  if (ms >= LONG_SILENCE_MS) {
    const where = index < events.length ? `before event ${index + 1}` : "at the end";
    note("A long silence", `Nothing came for ${(ms / 1000).toFixed(1)} s ${where}.`);
  }
  return found;
}

/**
 * What takes a look at every event: the types that the table does not have, whether a delta is for
 * a block that was not opened, and the longest time without an event, with the index of the event
 * that ended it.
 * @param {EventLog} log
 * @param {ProtocolTable} table
 */
function scan({ events, ending }, table) {
  const unknown = new Set();
  const opened = new Set();
  let hasUnopened = false;
  let silence = { ms: 0, index: 0 };
  let before = 0;
  /** @type {(entries: Record<string, unknown>, name: unknown) => void} */
  const check = (entries, name) => {
    const text = stringIn(name);
    if (text && !Object.hasOwn(entries, text)) unknown.add(text);
  };
  for (const [index, { at }] of [...events, { at: ending?.at ?? 0 }].entries()) {
    if (at - before > silence.ms) silence = { ms: at - before, index };
    before = at;
  }
  for (const { name, data } of events) {
    if (data === null) continue;
    check(table.events, name);
    check(table.blocks, data.content_block?.type);
    if (data.type === "content_block_start") opened.add(data.index);
    if (data.type !== "content_block_delta") continue;
    check(table.deltas, data.delta?.type);
    hasUnopened ||= !opened.has(data.index);
  }
  return { unknown: [...unknown], hasUnopened, silence };
}
