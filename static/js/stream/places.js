/** What in an event's bytes breaks a rule. */

const INDEX = /"index"\s*:\s*[^,}]*/;
const USAGE = /"usage"\s*:\s*(?:\{[^}]*\}?|[^,}]*)/;
const DELTA = /"delta"\s*:\s*\{[^}]*\}/;
const ID = /"id"\s*:\s*"[^"]*"/;
const DATA = /^data:.*/m;
const NAMES = /^event:.*|"type"\s*:\s*"[^"]*"/m;

/** @type {Record<string, RegExp>} by rule; others are broken by an event of this type */
const PLACES = {
  "no-object": DATA,
  "no-name": NAMES,
  "index-gaps": INDEX,
  interleaved: INDEX,
  "late-delta": INDEX,
  "unopened-block": INDEX,
  "broken-input": INDEX,
  "no-text": DELTA,
  "repeated-start": ID,
  "second-start": ID,
  "later-delta": DELTA,
  "usage-missing": USAGE,
  "usage-one-event": USAGE,
  "usage-shrinks": USAGE,
  "error-event": DATA,
  "error-first": DATA,
  "error-words": DATA,
  "content-filter": DATA,
};

/**
 * Where in an event's lines a rule is broken: from which code unit to which.
 * @param {string} rule
 * @param {string} raw
 * @returns {[number, number]}
 */
export function placeIn(rule, raw) {
  const found = (PLACES[rule] ?? NAMES).exec(raw);
  return found ? [found.index, found.index + found[0].length] : [0, raw.length];
}
