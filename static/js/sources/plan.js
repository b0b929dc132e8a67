/** A source that plays a scenario by its plan: bytes, with the times at which they are sent. */

import { BROKEN, OPEN, UNANSWERED } from "../stream/event-log.js";

/**
 * @typedef {object} Plan
 * @property {string} summary
 * @property {string} prompt
 * @property {number} charactersPerToken
 * @property {[number, string][]} frames pairs of milliseconds and text
 * @property {number} [status] of the response, where a fault was asked for
 * @property {string} [contentType]
 * @property {"chunked" | "close" | "http10"} [framing]
 * @property {"whole" | "drop" | "reset" | "open"} [end]
 */

// A long plan is read in tasks of this many frames, between which the page stays responsive.
const FRAMES_PER_TASK = 500;

/**
 * @param {string} scenario
 * @param {string} [fault] as a base URL spells it: `drop;at=9`
 * @returns {Promise<Plan>}
 */
export async function fetchPlan(scenario, fault = "") {
  const path = [scenario, fault].filter(Boolean).map(encodeURIComponent).join("/");
  const response = await fetch(`/demo/plans/${path}.json`);
  if (response.ok) return response.json();
  if (response.status !== 400) {
    throw new Error(`The site answered ${response.status} for "${scenario}".`);
  }
  // A fault that this scenario cannot have is refused with the reason.
  const reason = (await response.json()).error.message;
  throw new Error(`${reason.replace(/\.$/, "")}.`);
}

/**
 * @param {() => Promise<Plan>} getPlan
 * @param {(plan: Plan) => void} [onPlan] called with the plan before its events are read
 * @returns {import("../player/player.js").Source}
 */
export function planned(getPlan, onPlan) {
  return {
    async open(log) {
      const plan = await getPlan();
      onPlan?.(plan);
      const { status, contentType = "", frames, framing, end } = plan;
      const isCut = end === "drop" || end === "reset";
      // Cut before its first byte, a response has no status line either.
      const isUnanswered = isCut && frames.length === 0;
      if (status !== undefined && !isUnanswered) log.begin({ status, type: contentType });
      const encoder = new TextEncoder();
      for (const [index, [at, text]] of frames.entries()) {
        if (index % FRAMES_PER_TASK === FRAMES_PER_TASK - 1) await nextTask();
        log.feed(encoder.encode(text), at);
      }
      // An HTTP/1.0 body ends with its connection, so a client cannot notice this cut.
      const isHidden = framing === "http10" && end === "drop";
      if (isUnanswered) log.end(UNANSWERED);
      else if (end === "open") log.end(OPEN);
      else log.end(isCut && !isHidden ? BROKEN : null);
    },
  };
}

/** Let the browser paint. Browsers delay timers, but not messages. */
export function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}
