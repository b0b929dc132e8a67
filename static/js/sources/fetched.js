/** A source that is a request of the page's own: its bytes, when they really arrive. */

import { BROKEN, STOPPED, UNANSWERED } from "../player/reel.js";

/** @typedef {import("../player/reel.js").Reel} Reel */

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
    async open(reel) {
      start = performance.now();
      read(reel, url, { ...request, signal: controller.signal }, { now, received });
    },
  };
}

/**
 * Whatever goes wrong is how the stream ended, not an error of the page.
 * @param {Reel} reel
 * @param {string} url
 * @param {RequestInit} request
 * @param {Pick<Own, "now" | "received">} own
 */
async function read(reel, url, request, { now, received }) {
  try {
    const response = await fetch(url, request);
    reel.begin(headOf(response));
    const reader = response.body?.getReader();
    for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
      received.push(piece.value);
      reel.feed(piece.value, now());
      // It may have ended before its body, which nobody then needs.
      if (reel.ending) return reader?.cancel();
    }
    reel.end(null, now());
  } catch {
    reel.end(problemOf(reel, request.signal), now());
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
 * @param {Reel} reel
 * @param {AbortSignal | null} [signal]
 */
function problemOf(reel, signal) {
  if (signal?.aborted) return STOPPED;
  return reel.head === null ? UNANSWERED : BROKEN;
}
