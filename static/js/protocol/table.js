/** The protocol table as the site serves it, and what of it explains an event. */

import { entryIn } from "./read.js";

/**
 * @typedef {object} Entry
 * @property {string} anchor the fragment on the event reference
 * @property {string} when
 * @property {string} meaning
 * @property {string} client what a client does with it
 * @property {string} [family] of an event
 * @property {string} [stage] "ga" or "beta"
 * @property {string} [outcome] of a stop reason: complete, continue or early
 */

/**
 * @typedef {object} ProtocolTable
 * @property {Record<string, Entry>} events
 * @property {Record<string, Entry>} deltas
 * @property {Record<string, Entry>} blocks
 * @property {Record<string, Entry>} stop_reasons
 * @property {Record<string, Entry>} errors
 */

/** @typedef {{name: string, entry: Entry}} Named */

/**
 * The entries that explain an event, from general to particular.
 * @param {ProtocolTable} table
 * @param {string} name the event's name
 * @param {import("./message.js").WireObject | null} event
 * @returns {Named[]}
 */
export function explain(table, name, event) {
  const candidates = [
    named(table.events, name),
    named(table.blocks, event?.content_block?.type),
    named(table.deltas, name === "content_block_delta" ? event?.delta?.type : undefined),
    named(table.stop_reasons, event?.delta?.stop_reason ?? event?.message?.stop_reason),
    named(table.errors, event?.error?.type),
  ];
  return candidates.filter((found) => found !== null);
}

/**
 * The event's family, for its colour; "" for an unknown event.
 * @param {ProtocolTable} table
 * @param {string} name
 */
export function familyOf(table, name) {
  return entryIn(table.events, name)?.family ?? "";
}

/**
 * @param {Record<string, Entry>} entries
 * @param {unknown} name
 * @returns {Named | null}
 */
function named(entries, name) {
  const entry = entryIn(entries, name);
  return entry ? { name: String(name), entry } : null;
}
