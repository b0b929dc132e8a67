/** Sources that play what the recorder keeps: bytes with the times at which they were received. */

import { BROKEN, LEFT } from "../stream/event-log.js";
import { nextTask } from "./plan.js";

/** @typedef {import("../stream/event-log.js").EventLog} EventLog */

/**
 * @typedef {object} Pieces
 * @property {number} status
 * @property {Record<string, string>} headers
 * @property {[number, string][]} pieces milliseconds, and bytes as characters of Latin-1
 * @property {number} next the number of the first piece that is not among them
 * @property {boolean} is_last
 * @property {"complete" | "left" | "cut" | null} ended
 * @property {number | null} after_ms
 * @property {number} now_ms milliseconds since the request
 */

const EVERY_MS = 200;

/**
 * @param {string} name
 * @returns {import("../player/player.js").Source} an answer that has ended
 */
export function recorded(name) {
  return {
    async open(log) {
      let told = await fetchPieces(name, 0);
      begin(log, told);
      feed(log, told);
      while (!told.is_last) {
        await nextTask();
        told = await fetchPieces(name, told.next);
        feed(log, told);
      }
    },
  };
}

/**
 * @param {string} name
 * @returns {import("../player/player.js").Source} an answer that is still received
 */
export function arriving(name) {
  let start = performance.now();
  let isStopped = false;

  /** @param {EventLog} log */
  async function read(log) {
    let next = 0;
    try {
      while (!isStopped && log.ending === null) {
        const told = await fetchPieces(name, next);
        if (next === 0 && log.head === null) {
          start = performance.now() - told.now_ms;
          begin(log, told);
        }
        next = told.next;
        feed(log, told);
        if (!told.is_last) await new Promise((done) => setTimeout(done, EVERY_MS));
      }
    } catch {
      log.end(BROKEN, performance.now() - start);
    }
  }

  return {
    now: () => performance.now() - start,
    stop: () => {
      isStopped = true;
    },
    async open(log) {
      read(log);
    },
  };
}

/**
 * @param {string} name
 * @param {number} from
 * @returns {Promise<Pieces>}
 */
async function fetchPieces(name, from) {
  const path = `/recordings/${encodeURIComponent(name)}/pieces.json?from=${from}`;
  const response = await fetch(path);
  const told = await response.json();
  if (!response.ok) throw new Error(told.error.message);
  return told;
}

/**
 * @param {EventLog} log
 * @param {Pieces} told
 */
function begin(log, { status, headers }) {
  const { "content-type": type = "", ...others } = headers;
  const shown = ["request-id", "retry-after", "x-should-retry"].filter((one) => one in others);
  log.begin({ status, type, headers: Object.fromEntries(shown.map((one) => [one, others[one]])) });
}

/**
 * @param {EventLog} log
 * @param {Pieces} told
 */
function feed(log, { pieces, is_last, ended, after_ms }) {
  for (const [at, text] of pieces) {
    log.feed(
      Uint8Array.from(text, (character) => character.charCodeAt(0)),
      at,
    );
  }
  if (!is_last) return;
  log.end(ended === "cut" ? BROKEN : ended === "left" ? LEFT : null, after_ms ?? undefined);
}
