/** A source that is a request of the page's own: its bytes, when they really arrive. */

import { BROKEN, STOPPED, UNANSWERED } from "../stream/event-log.js";

/** @typedef {import("../stream/event-log.js").EventLog} EventLog */

/**
 * @typedef {object} Own what it can beside every source
 * @property {() => void} stop
 * @property {() => number} now
 * @property {BlobPart[]} received the bytes of the body, piece by piece
 */

// What a client may look at beside status and content-type.
const HEADERS = ["request-id", "retry-after", "x-should-retry"];

/**
 * @param {string} url
 * @param {RequestInit} request
 * @returns {import("../player/player.js").Source & Own}
 */
export function fetched(url, request) {
  const controller = new AbortController();
  let start = 0;
  const now = () => performance.now() - start;
  /** @type {BlobPart[]} */
  const received = [];
  return {
    now,
    received,
    stop: () => controller.abort(),
    // It can be played as soon as it was asked for: nothing waits for the answer.
    async open(log) {
      start = performance.now();
      read(log, url, { ...request, signal: controller.signal }, { now, received });
    },
  };
}

/**
 * Whatever goes wrong is how the stream ended, not an error of the page.
 * @param {EventLog} log
 * @param {string} url
 * @param {RequestInit} request
 * @param {Pick<Own, "now" | "received">} own
 */
async function read(log, url, request, { now, received }) {
  try {
    const response = await fetch(url, request);
    log.begin(headOf(response));
    const reader = response.body?.getReader();
    for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
      received.push(piece.value);
      log.feed(piece.value, now());
      // It may have ended before its body, which nobody then needs.
      if (log.ending) return reader?.cancel();
    }
    log.end(null, now());
  } catch {
    log.end(problemOf(log, request.signal), now());
  }
}

/** @param {Response} response */
function headOf(response) {
  /** @type {Record<string, string>} */
  const headers = {};
  for (const name of HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return { status: response.status, type: response.headers.get("content-type") ?? "", headers };
}

/**
 * A browser does not tell why a request failed, only that it did.
 * @param {EventLog} log
 * @param {AbortSignal | null} [signal]
 */
function problemOf(log, signal) {
  if (signal?.aborted) return STOPPED;
  return log.head === null ? UNANSWERED : BROKEN;
}
