/** What the relay's refusals mean to a visitor: a title, when to try again, and what helps. */

import { entryIn, short } from "../protocol/read.js";
import { clockTime, waitText } from "./wait.js";

/** @typedef {import("../protocol/message.js").WireObject} WireObject */

/** @type {Record<string, string>} titles by error code */
const BY_CODE = {
  access_code: "The access code is missing or wrong",
  access_tries: "Too many tries at the access code",
  visitor_per_minute: "Too many requests of yours in a minute",
  per_minute: "Too many requests in a minute, from everyone",
  visitor_streams: "You have too many streams open",
  streams: "Too many streams are open, from everyone",
  tokens_per_day: "Not enough of today's tokens is left",
  dollars_per_day: "Not enough of today's budget is left",
  breaker_open: "Claude failed several times, and is left alone for a while",
  limits_unavailable: "The site cannot count its limits, so it asks nothing",
  stopping: "The site is being restarted",
  site_away: "The site does not answer",
};

/** @type {Record<number, string>} titles by status, for errors of Claude's own and the rest */
const BY_STATUS = {
  400: "The request was not accepted",
  401: "The site's key was not accepted",
  402: "The site's account cannot pay",
  403: "The request was not allowed",
  404: "Live mode does not answer here",
  413: "The prompt is too long",
  429: "Claude's rate limit is reached",
  504: "Claude took too long",
  529: "Claude is overloaded",
};

const LATER = "Try again in a moment.";

/**
 * @param {import("../player/reel.js").Head} head
 * @param {WireObject | null} error
 * @param {Date} now
 * @returns {Omit<import("./outcome.js").Outcome, "text" | "canContinue">}
 */
export function refusalOf({ status, headers = {} }, error, now) {
  const code = error?.details?.error_code;
  const title =
    entryIn(BY_CODE, code) ?? BY_STATUS[status] ?? `Claude did not answer (HTTP ${status})`;
  const text = error
    ? short(error.message || error.type, 1000)
    : `HTTP ${status}, and no reason given.`;
  const wantsCode = code === "access_code";
  // Those pass by themselves; the others need another request, or whoever runs the site.
  const canRetry = [408, 409, 429].includes(status) || status >= 500;
  const advice = wantsCode
    ? "Enter the code above, and ask again."
    : canRetry
      ? whenToTry(headers["retry-after"], now)
      : "";
  const cannotAnswer = canRetry || [401, 402, 404].includes(status);
  return {
    finding: { kind: "problem", title, text },
    advice,
    canRetry,
    cannotAnswer: cannotAnswer && !wantsCode,
    wantsCode,
  };
}

/**
 * @param {string | undefined} header seconds
 * @param {Date} now
 */
function whenToTry(header, now) {
  const seconds = Math.ceil(Number(header));
  if (!(seconds > 0)) return LATER;
  const at = seconds >= 60 ? `, at ${clockTime(seconds, now)}` : "";
  return `Try again in ${waitText(seconds)}${at}.`;
}
