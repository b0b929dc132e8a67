import assert from "node:assert/strict";
import { test } from "node:test";
import { payloadOf } from "../../../static/js/protocol/payload.js";

/** @typedef {import("../../../static/js/protocol/payload.js").Payload} Payload */

/** @param {Partial<Payload>} parts */
const payload = (parts) => ({ place: "", kind: "", text: "", rest: "", ...parts });

/** @param {import("../../../static/js/protocol/message.js").WireObject} delta */
const delta = (delta, index = 0) => ({ type: "content_block_delta", index, delta });

test("a delta brings its text, its thinking or its piece of JSON", () => {
  const text = delta({ type: "text_delta", text: " even" });
  const thinking = delta({ type: "thinking_delta", thinking: "Hm." }, 1);
  const json = delta({ type: "input_json_delta", partial_json: '{"ci' }, 2);
  assert.deepEqual([text, thinking, json].map(payloadOf), [
    payload({ place: "[0]", kind: "text_delta", text: " even" }),
    payload({ place: "[1]", kind: "thinking_delta", text: "Hm." }),
    payload({ place: "[2]", kind: "input_json_delta", text: '{"ci' }),
  ]);
});

test("a delta without text shows its other values", () => {
  const signed = delta({ type: "signature_delta", signature: "Eq" });
  assert.deepEqual(
    payloadOf(signed),
    payload({ place: "[0]", kind: "signature_delta", rest: '{"signature":"Eq"}' }),
  );
});

test("a block that starts brings its tool's name, or the text that it has already", () => {
  const tool = { type: "tool_use", id: "toolu_1", name: "get_weather", input: {} };
  assert.deepEqual(
    payloadOf({ type: "content_block_start", index: 1, content_block: tool }),
    payload({
      place: "[1]",
      kind: "tool_use",
      text: "get_weather",
      rest: '{"id":"toolu_1","input":{}}',
    }),
  );
  const text = { type: "text", text: "Whole" };
  assert.equal(payloadOf({ type: "content_block_start", content_block: text }).text, "Whole");
});

test("the end brings its stop reason, with the usage after it", () => {
  const end = { type: "message_delta", delta: { stop_reason: "end_turn" } };
  assert.deepEqual(
    payloadOf({ ...end, usage: { output_tokens: 127 } }),
    payload({ kind: "stop_reason", text: "end_turn", rest: '{"output_tokens":127}' }),
  );
});

test("an error brings its type, with its message after it, and a plain sentence stays one", () => {
  const error = { type: "overloaded_error", message: "Overloaded" };
  assert.deepEqual(
    payloadOf({ type: "error", error }),
    payload({ text: "overloaded_error", rest: "Overloaded" }),
  );
  assert.deepEqual(payloadOf({ type: "error", error: "Bad" }), payload({ rest: "Bad" }));
});

test("what frames a message brings nothing", () => {
  assert.deepEqual(payloadOf({ type: "ping" }), payload({}));
  assert.deepEqual(payloadOf({ type: "content_block_stop", index: 0 }), payload({ place: "[0]" }));
  assert.deepEqual(
    payloadOf({ type: "message_start", message: { id: "msg_1" } }),
    payload({ rest: '{"id":"msg_1"}' }),
  );
});

test("values of any type, an unknown event and data that is no object are shown as they are", () => {
  assert.deepEqual(payloadOf(null), payload({}));
  assert.deepEqual(payloadOf({ type: "new", a: 1 }), payload({ rest: '{"a":1}' }));
  assert.deepEqual(payloadOf(delta({ type: 5, text: 6 }, -1)), {
    ...payload({ place: "[-1]", rest: '{"text":6}' }),
  });
  for (const type of ["content_block_start", "content_block_delta", "message_delta", "error"]) {
    assert.deepEqual(payloadOf({ type }), payload({}));
  }
});
