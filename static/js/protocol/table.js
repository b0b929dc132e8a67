/** The protocol table as the site serves it, and the entries that explain an event. */

import { entryIn } from "./read.js";

/**
 * @typedef {object} Entry
 * @property {string} anchor the fragment on the event reference
 * @property {string} when
 * @property {string} meaning
 * @property {string} client what a client does with it
 * @property {string} [family] of an event
 * @property {string} [payload] of a delta: the field that has what it brings
 * @property {string} [stage] "ga" or "beta"
 * @property {string} [outcome] of a stop reason: complete, continue or early
 */

/** @typedef {"events" | "deltas" | "blocks" | "stop_reasons" | "errors"} Kind */
/** @typedef {Record<Kind, Record<string, Entry>>} ProtocolTable */
/** @typedef {{name: string, entry: Entry}} Named */

/**
 * The entries that explain an event, from general to particular.
 * @param {ProtocolTable} table
 * @param {string} name the event's name
 * @param {import("./message.js").WireObject | null} event
 * @returns {Named[]}
 */
export function explain(table, name, event) {
  /** @type {[Kind, unknown][]} */
  const candidates = [
    ["events", name],
    ["blocks", event?.content_block?.type],
    ["deltas", name === "content_block_delta" ? event?.delta?.type : undefined],
    ["stop_reasons", event?.delta?.stop_reason ?? event?.message?.stop_reason],
    ["errors", event?.error?.type],
  ];
  return candidates.flatMap(([kind, value]) => {
    const entry = entryIn(table[kind], value);
    return entry ? [{ name: String(value), entry }] : [];
  });
}

/**
 * The event's family, for its colour. An unknown event has that of a ping.
 * @param {ProtocolTable} table
 * @param {string} name
 */
export function familyOf(table, name) {
  return entryIn(table.events, name)?.family || "ping";
}
