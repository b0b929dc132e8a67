/** What a program can notice of a stream that has ended: first the ending, then what was odd. */

import { assemble } from "../protocol/message.js";
import { counted, short, stringIn } from "../protocol/read.js";
import { endingOf } from "./ending.js";
import { inspect, SILENCE } from "./inspection.js";

/** @typedef {import("./ending.js").Finding} Finding */
/** @typedef {import("./event-log.js").EventLog} EventLog */
/** @typedef {import("../protocol/table.js").ProtocolTable} ProtocolTable */

// An event's value was of another type, so it was shown otherwise, or ignored.
export const NOT_AS_DOCUMENTED = "Not as documented";
// The words of the ending say these.
const OF_THE_ENDING = new Set(
  (
    "only-message-stop second-start bare-stop too-long unanswered-call no-call thinking-used-up " +
    "error-event error-first error-words content-filter not-a-stream http-error"
  ).split(" "),
);
// What is not as documented says these.
const OF_VALUES = new Set(
  "usage-missing usage-one-event usage-shrinks start-without-content no-text".split(" "),
);

/**
 * @param {EventLog} log a stream that has ended
 * @param {ProtocolTable} table
 * @param {import("../protocol/message.js").Assembly} [assembly] all of its events
 * @returns {Finding[]}
 */
export function findings(log, table, assembly = assemble(log.events)) {
  const found = [endingOf(log, assembly, table).finding];
  /** @type {(title: string, text: string) => void} */
  const note = (title, text) => found.push({ kind: "note", title, text });

  if (assembly.odd) note(NOT_AS_DOCUMENTED, assembly.odd);
  if (log.excess > 0) {
    const text = `The last ${log.excess.toLocaleString("en")} were not read.`;
    note("More events than the page keeps", text);
  }
  const unknown = unknownTypes(log, table);
  if (unknown.length > 0) note("Unknown types, passed over", short(unknown.join(", "), 400));
  for (const { rule, event, words, count } of inspect(log)) {
    const isTold = OF_THE_ENDING.has(rule) || (assembly.odd !== "" && OF_VALUES.has(rule));
    if (isTold || words === found[0].text) continue;
    const place = event === null || rule === SILENCE ? "" : ` (event ${event})`;
    const more = count > 1 ? `, and in ${counted(count - 1, "more place")}` : "";
    const text = place + more === "" ? words : words.replace(/\.$/, "");
    note(titleOf(rule), short(text, 100) + place + more);
  }
  return found;
}

/**
 * A rule's id as words.
 * @param {string} rule
 */
export function titleOf(rule) {
  return `${rule[0].toUpperCase()}${rule.slice(1).replaceAll("-", " ")}`;
}

/**
 * The types that the table does not have.
 * @param {EventLog} log
 * @param {ProtocolTable} table
 */
function unknownTypes({ events }, table) {
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
