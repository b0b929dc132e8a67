/**
 * The geometry of the wire strip, on which each event stands at its time, by family and size.
 *
 * `streamguide/strip.py` has the same for the strips that the server draws.
 */

import { codePoints, entryIn, stringIn } from "../protocol/read.js";
import { familyOf } from "../protocol/table.js";

/** @typedef {import("./event-log.js").EventLog} EventLog */
/** @typedef {import("./event-log.js").WireEvent} WireEvent */
/** @typedef {import("../protocol/table.js").ProtocolTable} ProtocolTable */

/**
 * @typedef {object} Tick
 * @property {number} at milliseconds since the request
 * @property {string} family
 * @property {number} size the characters that a delta brings, of which 40 count at most
 */

/** In the order in which they are painted: what is shorter is on top, and so remains visible. */
export const FAMILIES = ["delta", "message", "error", "block", "ping"];
/** The height of the ticks' place, and the width of a column, in pixels. */
export const HEIGHT = 36;
export const COLUMN = 2;

const HEIGHTS = /** @type {Record<string, number>} */ ({
  message: 34,
  block: 26,
  ping: 8,
  error: 36,
});
const SMALLEST_DELTA = 6;
const DELTA_GROWTH = 28;
const FULL_SIZE = 40;
const LONGEST_PAUSE_MS = 600;
const FIRST_SPAN_MS = 1000;
const MARK_DISTANCE = 80;

export class Strip {
  /** @type {Tick[]} */
  ticks = [];
  /** Up to when the stream is known, in milliseconds since the request. */
  end = 0;
  /** What the width stands for, in milliseconds; 0 for a stream without times. */
  span = 0;

  /**
   * By family, the columns that have ticks: their numbers and heights. The deltas of a column are
   * summed.
   * @param {number} width
   */
  columns(width) {
    /** @type {Record<string, Map<number, number>>} */
    const sums = Object.fromEntries(FAMILIES.map((family) => [family, new Map()]));
    this.ticks.forEach(({ at, family, size }, number) => {
      const column = this.column(at, width, number);
      sums[family].set(column, (sums[family].get(column) ?? 0) + size);
    });
    return Object.fromEntries(
      Object.entries(sums).map(([family, sizes]) => [
        family,
        [...sizes].map(([column, size]) => [column, heightOf(family, size)]),
      ]),
    );
  }

  /**
   * The pauses of more than 0.6 s, from the right side of a tick to the left side of the next one:
   * from where to where in pixels, and how many milliseconds.
   * @param {number} width
   */
  silences(width) {
    /** @type {[number, number, number][]} */
    const found = [];
    let start = 0;
    for (const at of [...this.ticks.map((tick) => tick.at), this.end]) {
      if (at - start > LONGEST_PAUSE_MS) {
        const left = start === 0 ? 0 : COLUMN * (this.column(start, width) + 1);
        found.push([left, COLUMN * this.column(at, width), at - start]);
      }
      start = at;
    }
    return found;
  }

  /**
   * The column of a time. Without times, events are at equal distances, by their number from 0.
   * @param {number} at
   * @param {number} width
   */
  column(at, width, number = 0) {
    const count = Math.floor(width / COLUMN);
    const [place, length] = this.span
      ? [at, this.span]
      : [number, Math.max(1, this.ticks.length - 1)];
    return Math.min(count - 1, Math.floor((place * count) / length));
  }

  /**
   * How many events stand at a place, or before it.
   * @param {number} x
   * @param {number} width
   */
  countAt(x, width) {
    const last = x / COLUMN;
    let [low, high] = [0, this.ticks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.column(this.ticks[middle].at, width, middle) <= last) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * The marks of the time axis, at whole steps of 1, 2 or 5 times a power of ten.
   * @param {number} width
   */
  marks(width) {
    /** @type {{x: number, label: string}[]} */
    const marks = [];
    if (this.span === 0) return marks;
    const least = (this.span * MARK_DISTANCE) / width;
    const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
    const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
    for (let at = 0; at <= this.span; at += step) {
      marks.push({ x: Math.round((at * width) / this.span), label: `${at / 1000} s` });
    }
    return marks;
  }
}

/**
 * @param {ProtocolTable} table
 * @param {Pick<WireEvent, "at" | "name" | "data">} event
 * @returns {Tick}
 */
export function tickOf(table, { at, name, data }) {
  const family = familyOf(table, name);
  if (name !== "content_block_delta") return { at, family, size: 0 };
  const entry = entryIn(table.deltas, data?.delta?.type);
  const payload = stringIn(data?.delta?.[entry?.payload ?? ""]);
  // No character has more than two code units.
  return { at, family, size: Math.min(codePoints(payload.slice(0, 2 * FULL_SIZE)), FULL_SIZE) };
}

/**
 * What the width stands for while a stream arrives: it doubles when it is full.
 * @param {number} ms since the request
 */
export function growingSpan(ms) {
  let span = FIRST_SPAN_MS;
  while (span < ms) span *= 2;
  return span;
}

/**
 * @param {string} family
 * @param {number} size
 */
function heightOf(family, size) {
  if (family !== "delta") return HEIGHTS[family];
  return SMALLEST_DELTA + Math.floor((DELTA_GROWTH * Math.min(size, FULL_SIZE)) / FULL_SIZE);
}
