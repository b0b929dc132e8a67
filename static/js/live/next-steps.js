/** What a visitor can do after an answer: try again, continue it, or enter the access code. */

import { errorIn } from "../protocol/message.js";
import { codePoints, entryIn, short } from "../protocol/read.js";
import { STOPPED, UNANSWERED } from "../stream/event-log.js";
import { clockTime, waitText } from "./wait.js";

/** @typedef {import("../stream/event-log.js").EventLog} EventLog */
/** @typedef {import("../protocol/message.js").Assembly} Assembly */

/**
 * @typedef {object} NextSteps
 * @property {string} text the text of the answer, as far as it was received
 * @property {import("../stream/ending.js").Finding} finding the ending, in live mode's words
 * @property {string} advice what was kept, and what to do now
 * @property {boolean} canRetry whether the same request may succeed
 * @property {boolean} canContinue whether another request can continue the text
 * @property {boolean} cannotAnswer whether live mode itself failed
 * @property {boolean} wantsCode whether the access code is missing or wrong
 */

const BILLED = "Expect to be billed for what was generated; that is not documented.";
const CUT_AT = "The answer is cut at max_tokens.";
const DECLINED =
  "Claude declined, so what came is not to be used. Rephrase the prompt before you ask again.";
const NO_SITE = "This site did not answer. Is it running, and are you online?";

/** @type {Record<string, string>} titles of the relay's refusals, by error code */
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

/** @type {Record<number, string>} titles by status, for Claude's own errors and all others */
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

/**
 * @param {EventLog} log a stream that has ended
 * @param {Assembly} assembly all of its events
 * @param {import("../stream/ending.js").StreamEnding} ending
 * @param {string} before the text of earlier requests for the same answer
 * @param {Date} now
 * @returns {NextSteps}
 */
export function nextSteps(log, assembly, { finding, reason }, before, now) {
  if (log.head && !log.isStream) return afterRefusal(log.head, errorIn(log.body), before, now);
  const text = assembly.blocks.map(({ type, text }) => (type === "text" ? text : "")).join("");
  const hasText = (before + text).trim() !== "";
  // An incomplete tool call is of no use, and text cannot be continued after one.
  const hasCall = assembly.blocks.some((block) => "input" in block);
  const isCut = reason === undefined;
  const kept = keptText(before + text);
  const problem = log.ending?.problem;
  let advice = "";
  if (reason === "max_tokens") advice = `${CUT_AT} ${kept}`;
  else if (reason === "refusal") advice = DECLINED;
  else if (isCut && problem === UNANSWERED) advice = NO_SITE;
  else if (isCut && log.events.length === 0) advice = "Nothing came, so nothing is lost.";
  else if (isCut) advice = problem === STOPPED ? kept : `${kept} ${BILLED}`;
  return {
    text,
    finding,
    advice,
    canRetry: isCut && (text !== "" || before === ""),
    canContinue: hasText && !hasCall && (isCut || reason === "max_tokens"),
    cannotAnswer: false,
    wantsCode: false,
  };
}

/** @param {string} text */
function keptText(text) {
  if (text.trim() === "") return "No text had come yet.";
  const count = codePoints(text).toLocaleString("en");
  return `${count} characters are kept: a part of an answer.`;
}

/**
 * The relay answered with an error instead of a stream.
 * @param {import("../stream/event-log.js").Head} head
 * @param {import("../protocol/message.js").WireObject | null} error
 * @param {string} before
 * @param {Date} now
 * @returns {NextSteps}
 */
function afterRefusal({ status, headers = {} }, error, before, now) {
  const code = error?.details?.error_code;
  const wantsCode = code === "access_code";
  const title =
    entryIn(BY_CODE, code) ?? BY_STATUS[status] ?? `Claude did not answer (HTTP ${status})`;
  const text = error
    ? short(error.message || error.type, 1000)
    : `HTTP ${status}, and no reason given.`;
  // These are temporary; the others need another request, or whoever runs the site.
  const isTemporary = [408, 409, 429].includes(status) || status >= 500;
  const seconds = Math.ceil(Number(headers["retry-after"]));
  let advice = "";
  if (wantsCode) advice = "Enter the code above, and ask again.";
  else if (isTemporary && seconds > 0) {
    const at = seconds >= 60 ? `, at ${clockTime(seconds, now)}` : "";
    advice = `Try again in ${waitText(seconds)}${at}.`;
  } else if (isTemporary) advice = "Try again in a moment.";
  return {
    text: "",
    finding: { kind: "problem", title, text },
    advice: before ? `${keptText(before)} ${advice}` : advice,
    // After a part of the answer, another try asks for the rest.
    canRetry: isTemporary && before === "",
    canContinue: isTemporary && before !== "",
    cannotAnswer: (isTemporary || [401, 402, 404].includes(status)) && !wantsCode,
    wantsCode,
  };
}
