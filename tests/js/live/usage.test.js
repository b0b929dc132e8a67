import assert from "node:assert/strict";
import { test } from "node:test";
import { addedUp, messageWithUsage, notesOn, usagesOf } from "../../../static/js/live/usage.js";

const START = { type: "message_start", message: { usage: { input_tokens: 21, output_tokens: 1 } } };
const DELTA = { type: "message_delta", usage: { output_tokens: 12, cache_creation: { a: 2 } } };

test("adding up counts what a program claims that does not overwrite", () => {
  const usages = usagesOf([START, DELTA, DELTA].map((data) => ({ data })));
  assert.deepEqual(addedUp(usages), {
    input_tokens: 21,
    output_tokens: 25,
    cache_creation: { a: 4 },
  });
});

test("another message after the end is not counted", () => {
  const events = [START, DELTA, { type: "message_stop" }, START, null];
  assert.equal(usagesOf(events.map((data) => ({ data }))).length, 2);
});

test("a message or its usage alone is known, whatever its values", () => {
  const message = messageWithUsage('{"type":"message","model":"m","usage":{"output_tokens":3}}');
  assert.deepEqual([message?.model, message?.usage], ["m", { output_tokens: 3 }]);
  const bare = messageWithUsage('{"input_tokens":7,"output_tokens":"many"}');
  assert.deepEqual(bare?.usage, { input_tokens: 7 });
  for (const text of ["", "[1]", '{"usage":5}', '{"type":"error"}']) {
    assert.equal(messageWithUsage(text), null, text);
  }
});

test("what the cost leaves out is told", () => {
  assert.deepEqual(notesOn({ service_tier: "standard" }, true), []);
  const usage = { service_tier: "batch", speed: "fast", inference_geo: "us", iterations: [{}] };
  assert.equal(notesOn(usage, false).length, 5);
});
