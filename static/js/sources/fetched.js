/** A source that sends a request: the bytes of its response, at the times they are received. */

import { BROKEN, STOPPED, UNANSWERED } from "../stream/event-log.js";

/** @typedef {import("../stream/event-log.js").EventLog} EventLog */

/**
 * @typedef {object} Fetched what this source has beside those of every source
 * @property {() => void} stop aborts the request
 * @property {() => number} now milliseconds since the request
 * @property {BlobPart[]} received the bytes of the body, in chunks
 */

// The headers that a client reads beside content-type.
const HEADERS = ["request-id", "retry-after", "x-should-retry"];

/**
 * @param {string} url
 * @param {RequestInit} request
 * @returns {import("../player/player.js").Source & Fetched}
 */
export function fetched(url, request) {
  const controller = new AbortController();
  let start = 0;
  const now = () => performance.now() - start;
  /** @type {BlobPart[]} */
  const received = [];

  /** @param {EventLog} log */
  async function read(log) {
    start = performance.now();
    try {
      const response = await fetch(url, { ...request, signal: controller.signal });
      const found = HEADERS.map((name) => [name, response.headers.get(name)]);
      const headers = Object.fromEntries(found.filter(([, value]) => value !== null));
      const type = response.headers.get("content-type") ?? "";
      log.begin({ status: response.status, type, headers });
      const reader = response.body?.getReader();
      for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
        received.push(piece.value);
        log.feed(piece.value, now());
        // The log can end before the body, of which the rest is then not needed.
        if (log.ending) return reader?.cancel();
      }
      log.end(null, now());
    } catch {
      // Whatever goes wrong ends the stream; it is no error of the page. A browser reports that a
      // request failed, but not why.
      const problem = log.head === null ? UNANSWERED : BROKEN;
      log.end(controller.signal.aborted ? STOPPED : problem, now());
    }
  }

  return {
    now,
    received,
    stop: () => controller.abort(),
    // It can be played once the request is sent: playing does not wait for the response.
    async open(log) {
      read(log);
    },
  };
}
