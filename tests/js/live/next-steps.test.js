import assert from "node:assert/strict";
import { test } from "node:test";
import { nextSteps } from "../../../static/js/live/next-steps.js";
import { assemble } from "../../../static/js/protocol/message.js";
import { endingOf } from "../../../static/js/stream/ending.js";
import { BROKEN, EventLog, STOPPED, UNANSWERED } from "../../../static/js/stream/event-log.js";
import { bytesOf, textStream } from "../player/stream.js";

/** @typedef {import("../../../static/js/protocol/message.js").WireObject} WireObject */

const NOON = new Date(2026, 0, 1, 12, 0);
const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };

/**
 * What can be done after a stream that has ended.
 * @param {EventLog} log
 * @param {string} before
 */
function stepsAfter(log, before) {
  const assembly = assemble(log.events);
  const table = { events: {}, deltas: {}, blocks: {}, stop_reasons: {}, errors: {} };
  return nextSteps(log, assembly, endingOf(log, assembly, table), before, NOON);
}

/**
 * @param {WireObject[]} events
 * @param {string | null} [problem]
 */
function steps(events, problem = null, before = "") {
  const log = new EventLog();
  if (problem !== UNANSWERED) log.begin({ status: 200, type: "text/event-stream" });
  for (const event of events) log.feed(bytesOf(event), 1);
  log.end(problem);
  return stepsAfter(log, before);
}

/**
 * @param {number} status
 * @param {WireObject | null} error
 * @param {Record<string, string>} [headers]
 */
function refused(status, error, headers = {}, before = "") {
  const log = new EventLog();
  log.begin({ status, type: "application/json", headers });
  const body = error === null ? "<html>" : JSON.stringify({ type: "error", error });
  log.feed(new TextEncoder().encode(body), 1);
  log.end();
  return stepsAfter(log, before);
}

/** @param {string[]} deltas */
function cut(...deltas) {
  const events = textStream(...deltas).map(([, event]) => event);
  return events.slice(0, 2 + deltas.length);
}

/** @param {string} reason */
function whole(reason) {
  const events = textStream("Hello").map(([, event]) => event);
  return events.map((event) =>
    event.type === "message_delta" ? { ...event, delta: { stop_reason: reason } } : event,
  );
}

test("a complete answer needs nothing more", () => {
  const { text, advice, canRetry, canContinue } = steps(whole("end_turn"));
  assert.deepEqual([text, advice, canRetry, canContinue], ["Hello", "", false, false]);
});

test("an interrupted answer is kept, and can be continued or asked for again", () => {
  for (const [events, problem] of /** @type {[WireObject[], string | null][]} */ ([
    [[...cut("Hel", "lo 👩‍🚀"), overloaded], null],
    [cut("Hel", "lo 👩‍🚀"), BROKEN],
    [cut("Hel", "lo 👩‍🚀"), null],
  ])) {
    const found = steps(events, problem);
    assert.equal(found.text, "Hello 👩‍🚀");
    assert.match(found.advice, /^9 characters are kept: a part of an answer\. Expect to be billed/);
    assert.deepEqual([found.canRetry, found.canContinue, found.cannotAnswer], [true, true, false]);
  }
});

test("who stopped it knows why, and can go on all the same", () => {
  const found = steps(cut("Hello"), STOPPED);
  assert.equal(found.advice, "5 characters are kept: a part of an answer.");
  assert.deepEqual([found.canRetry, found.canContinue], [true, true]);
});

test("without a text there is nothing to continue", () => {
  const found = steps([...cut(), overloaded]);
  assert.match(found.advice, /^No text had come yet\./);
  assert.deepEqual([found.canRetry, found.canContinue], [true, false]);
  assert.equal(steps([], STOPPED).advice, "Nothing came, so nothing is lost.");
});

test("what earlier requests brought counts as well", () => {
  const found = steps([...cut(), overloaded], null, "Hello");
  assert.match(found.advice, /^5 characters are kept/);
  assert.deepEqual([found.text, found.canRetry, found.canContinue], ["", false, true]);
});

test("a cut answer can be continued, a refusal is not to be used", () => {
  const long = steps(whole("max_tokens"));
  assert.match(long.advice, /cut at max_tokens/);
  assert.deepEqual([long.canRetry, long.canContinue], [false, true]);
  const declined = steps(whole("refusal"));
  assert.match(declined.advice, /declined/);
  assert.deepEqual([declined.canRetry, declined.canContinue], [false, false]);
});

test("a half of a call cannot be continued", () => {
  const call = { type: "tool_use", id: "t", name: "weather", input: {} };
  const events = [...cut("Hello"), { type: "content_block_start", index: 1, content_block: call }];
  assert.deepEqual([steps(events).canRetry, steps(events).canContinue], [true, false]);
});

test("an answer with message_stop is whole, also without a stop reason or stopped after it", () => {
  for (const [events, problem] of /** @type {[WireObject[], string | null][]} */ ([
    [[...cut("Hello"), { type: "message_stop" }], null],
    [whole("end_turn"), STOPPED],
  ])) {
    const found = steps(events, problem);
    assert.deepEqual([found.advice, found.canRetry, found.canContinue], ["", false, false]);
    assert.equal(found.finding.kind, "complete");
  }
});

test("a site that does not answer is told from Claude", () => {
  assert.match(steps([], UNANSWERED).advice, /This site did not answer/);
});

test("limits say what is used up, and when to try again", () => {
  const details = { error_code: "dollars_per_day" };
  const error = { type: "rate_limit_error", message: "Spent until midnight UTC.", details };
  const found = refused(429, error, { "retry-after": "20520" });
  assert.deepEqual(found.finding, {
    kind: "problem",
    title: "Not enough of today's budget is left",
    text: "Spent until midnight UTC.",
  });
  assert.equal(found.advice, "Try again in 5 hours 42 minutes, at 17:42.");
  assert.deepEqual([found.canRetry, found.cannotAnswer], [true, true]);
  assert.equal(refused(429, error, { "retry-after": "1.2" }).advice, "Try again in 2 seconds.");
});

test("an overload without a time is over in a moment", () => {
  const found = refused(529, { type: "overloaded_error", message: "Overloaded" });
  assert.equal(found.finding.title, "Claude is overloaded");
  assert.equal(found.advice, "Try again in a moment.");
  assert.equal(refused(502, null).finding.title, "Claude did not answer (HTTP 502)");
  assert.equal(refused(502, null).finding.text, "HTTP 502, and no reason given.");
});

test("a wrong code is asked for again, and nothing else is offered", () => {
  const details = { error_code: "access_code" };
  const found = refused(401, { type: "authentication_error", message: "Wrong.", details });
  assert.deepEqual(
    [found.wantsCode, found.canRetry, found.canContinue, found.cannotAnswer],
    [true, false, false, false],
  );
  assert.match(found.advice, /Enter the code/);
});

test("a wrong field helps nobody to wait for, the site's wrong key is not the visitor's", () => {
  const wrong = refused(400, { type: "invalid_request_error", message: "max_tokens: …" });
  assert.deepEqual([wrong.canRetry, wrong.cannotAnswer, wrong.advice], [false, false, ""]);
  const key = refused(401, { type: "authentication_error", message: "Invalid API key" });
  assert.deepEqual([key.canRetry, key.cannotAnswer, key.wantsCode], [false, true, false]);
});

test("what was kept stays so when the rest is refused", () => {
  const found = refused(529, { type: "overloaded_error", message: "Overloaded" }, {}, "Hello");
  assert.match(found.advice, /^5 characters are kept: a part of an answer\. Try again/);
  assert.deepEqual([found.canRetry, found.canContinue], [false, true]);
});
