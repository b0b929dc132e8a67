/** A source that plays a scenario: the plan's bytes, with the times at which they are sent. */

import { BROKEN, UNANSWERED } from "../stream/event-log.js";

/**
 * @typedef {object} Plan
 * @property {string} scenario
 * @property {string} title
 * @property {string} summary
 * @property {string} prompt
 * @property {number} charactersPerToken
 * @property {[number, string][]} frames pairs of milliseconds and text
 * @property {number} [status] of the response, where a fault was asked for
 * @property {string} [contentType]
 * @property {"chunked" | "close" | "http10"} [framing]
 * @property {"whole" | "drop" | "reset"} [end]
 */

// Taking in a long plan is cut into tasks of about this many frames, to keep the page quick.
const FRAMES_A_TASK = 500;

/**
 * @param {string} scenario
 * @param {string} [fault] as a base URL spells it: `drop;at=9`
 * @returns {Promise<Plan>}
 */
export async function fetchPlan(scenario, fault = "") {
  const path = [scenario, fault].filter(Boolean).map(encodeURIComponent).join("/");
  const response = await fetch(`/demo/plans/${path}.json`);
  if (response.ok) return response.json();
  // A fault that cannot be had is refused with the reason.
  const reason = response.status === 400 ? (await response.json()).error.message : "";
  throw new Error(
    reason
      ? `${reason.replace(/\.$/, "")}.`
      : `The site answered ${response.status} for "${scenario}".`,
  );
}

/**
 * @param {() => Promise<Plan>} getPlan
 * @param {(plan: Plan) => void} [onPlan] told about the plan before its events are there
 * @returns {import("../player/player.js").Source}
 */
export function planned(getPlan, onPlan) {
  return {
    async open(log) {
      const plan = await getPlan();
      onPlan?.(plan);
      const head = headOf(plan);
      if (head) log.begin(head);
      const encoder = new TextEncoder();
      for (const [index, [at, text]] of plan.frames.entries()) {
        if (index % FRAMES_A_TASK === FRAMES_A_TASK - 1) await nextTask();
        log.feed(encoder.encode(text), at);
      }
      log.end(problemOf(plan));
    },
  };
}

/** @param {Plan} plan */
function headOf({ status, contentType, frames, end }) {
  // Cut before its first byte, a response has no status line either.
  if (status === undefined || (isCut(end) && frames.length === 0)) return null;
  return { status, type: contentType ?? "" };
}

/** @param {Plan} plan */
function problemOf({ frames, end, framing }) {
  if (!isCut(end)) return null;
  if (frames.length === 0) return UNANSWERED;
  // The end of an HTTP/1.0 body is the end of its connection: a cut is not to be told from it.
  return framing === "http10" && end === "drop" ? null : BROKEN;
}

/** @param {Plan["end"]} end */
function isCut(end) {
  return end === "drop" || end === "reset";
}

/** Let the browser paint. A message, unlike a timer, is not held back. */
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
