/** How an answer ended, and what its reader can do about it. */

import { STOPPED, UNANSWERED } from "../player/reel.js";
import { Assembly, errorIn } from "../protocol/message.js";
import { codePoints } from "../protocol/read.js";
import { refusalOf } from "./refusal.js";

/** @typedef {import("../player/reel.js").Reel} Reel */

/**
 * @typedef {object} Outcome
 * @property {string} text the text of the answer, as far as it came
 * @property {import("../player/findings.js").Finding | null} finding what to say of the end in
 *   place of what a program would notice; null where that will do
 * @property {string} advice what was kept, and what to do now
 * @property {boolean} canRetry whether the same request may do better
 * @property {boolean} canContinue whether there is a text to go on from
 * @property {boolean} cannotAnswer whether live mode itself is what failed
 * @property {boolean} wantsCode whether the access code is missing or wrong
 */

const BILLED = "Expect to be billed for what was generated; that is not documented.";
const CUT_AT = "The answer is cut at max_tokens.";
const DECLINED =
  "Claude declined, so what came is not to be used. Rephrase the prompt before you ask again.";

/**
 * @param {Reel} reel a stream that has ended
 * @param {string} before the text that earlier requests brought
 * @param {Date} now
 * @returns {Outcome}
 */
export function outcomeOf(reel, before, now) {
  const { head } = reel;
  if (head && !reel.isStream) {
    const refusal = refusalOf(head, errorIn(reel.body), now);
    const kept = before ? `${keptText(before)} ` : "";
    return {
      ...refusal,
      text: "",
      advice: `${kept}${refusal.advice}`,
      // To ask for the rest again is to try again.
      canRetry: refusal.canRetry && before === "",
      canContinue: refusal.canRetry && before !== "",
    };
  }
  const assembly = assembled(reel);
  return atTheEnd(reel, assembly, textOf(assembly), before);
}

/**
 * @param {Reel} reel
 * @param {Assembly} assembly
 * @param {string} text
 * @param {string} before
 * @returns {Outcome}
 */
function atTheEnd(reel, assembly, text, before) {
  const reason = assembly.isStopped ? assembly.message?.stop_reason : null;
  const hasText = (before + text).trim() !== "";
  // A half of a call is of no use, and nothing after one can be asked for by its text.
  const hasCall = assembly.blocks.some((block) => "input" in block);
  const isEarly = reason === "max_tokens";
  const canContinue = hasText && !hasCall && (reason === null || isEarly);
  return {
    text,
    finding: null,
    advice: adviceFor(reel, reason, before + text),
    canRetry: reason === null && (text !== "" || before === ""),
    canContinue,
    cannotAnswer: false,
    wantsCode: false,
  };
}

/**
 * @param {Reel} reel
 * @param {string | null | undefined} reason
 * @param {string} text
 */
function adviceFor({ ending, events }, reason, text) {
  if (reason === "max_tokens") return `${CUT_AT} ${keptText(text)}`;
  if (reason === "refusal") return DECLINED;
  if (reason !== null) return "";
  const problem = ending?.problem;
  if (problem === UNANSWERED) return "This site did not answer. Is it running, and are you online?";
  if (events.length === 0) return "Nothing came, so nothing is lost.";
  return problem === STOPPED ? keptText(text) : `${keptText(text)} ${BILLED}`;
}

/** @param {string} text */
function keptText(text) {
  if (text.trim() === "") return "No text had come yet.";
  const count = codePoints(text).toLocaleString("en");
  return `${count} characters are kept: a part of an answer.`;
}

/** @param {Reel} reel */
function assembled({ events }) {
  const assembly = new Assembly();
  for (const { data } of events) assembly.apply(data);
  return assembly;
}

/** @param {Assembly} assembly */
function textOf({ blocks }) {
  return blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
}
