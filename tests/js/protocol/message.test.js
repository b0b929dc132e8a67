import assert from "node:assert/strict";
import { test } from "node:test";
import { Reel } from "../../../static/js/player/reel.js";
import { Assembly, isWritten, streamedText } from "../../../static/js/protocol/message.js";
import { message, names, stream } from "../goldens.js";

/** @typedef {import("../../../static/js/protocol/message.js").WireObject} WireObject */

/** @param {(WireObject | null)[]} events */
function assemble(...events) {
  const assembly = new Assembly();
  for (const event of events) assembly.apply(event);
  return assembly;
}

/** @param {string} name */
function eventsOf(name) {
  const reel = new Reel();
  reel.feed(stream(name), 0);
  reel.end();
  return reel.events.map(({ data }) => data);
}

const START = {
  type: "message_start",
  message: { id: "msg_1", content: [], usage: { input_tokens: 5, output_tokens: 1 } },
};

/** @param {WireObject} block */
const open = (block, index = 0) => ({ type: "content_block_start", index, content_block: block });

/** @param {WireObject} change */
const delta = (change, index = 0) => ({ type: "content_block_delta", index, delta: change });

const close = (index = 0) => ({ type: "content_block_stop", index });

/** Their streams do not end with every block closed; tests of their own say how they end. */
const UNFINISHED = ["max-tokens", "overloaded"];

for (const name of names().filter((name) => !UNFINISHED.includes(name))) {
  test(`the events of ${name} add up to its finished message`, () => {
    const assembly = assemble(...eventsOf(name));
    assert.deepEqual(assembly.message, message(name));
    assert.equal(assembly.isStopped, true);
    assert.equal(assembly.openBlock, null);
  });
}

test("a tool call that max_tokens cuts stays open, with its JSON as it came", () => {
  const assembly = assemble(...eventsOf("max-tokens"));
  const block = assembly.blocks.at(-1);
  assert.deepEqual(block?.input, {});
  assert.ok(block?.partial_json.startsWith("{"));
  assert.throws(() => JSON.parse(block?.partial_json));
  assert.equal(assembly.open, block);
  assert.equal(assembly.message?.stop_reason, "max_tokens");
});

test("an error event leaves the text and no stop reason", () => {
  const assembly = assemble(...eventsOf("overloaded"));
  assert.equal(assembly.error?.type, "overloaded_error");
  assert.equal(assembly.isStopped, false);
  assert.equal(assembly.message?.stop_reason, null);
  assert.deepEqual(assembly.message?.content, message("overloaded").content);
});

test("assembling leaves the events as they came", () => {
  for (const name of names()) {
    const events = eventsOf(name);
    assemble(...events);
    assert.deepEqual(events, eventsOf(name), name);
  }
});

test("input that is not JSON stays visible as text", () => {
  const block = { type: "tool_use", id: "t", name: "n", input: {} };
  const assembly = assemble(
    START,
    open(block),
    delta({ type: "input_json_delta", partial_json: '{"a":' }),
    close(),
  );
  assert.deepEqual(assembly.blocks, [{ ...block, partial_json: '{"a":' }]);
  assert.deepEqual(assembly.streamed, ['{"a":']);
});

test("a tool call without input has an empty object", () => {
  const block = { type: "tool_use", id: "t", name: "n", input: {} };
  const empty = delta({ type: "input_json_delta", partial_json: "" });
  assert.deepEqual(assemble(START, open(block), empty, close()).blocks, [block]);
});

test("usage overwrites, and a missing or null count keeps the first one", () => {
  const first = { input_tokens: 2, output_tokens: 1, cache_read_input_tokens: 9 };
  const { message } = assemble(
    { type: "message_start", message: { content: [], usage: first } },
    { type: "message_delta", delta: {}, usage: { output_tokens: 10, input_tokens: 7 } },
    { type: "message_delta", delta: {}, usage: { output_tokens: 12, input_tokens: null } },
  );
  assert.deepEqual(message?.usage, {
    input_tokens: 7,
    output_tokens: 12,
    cache_read_input_tokens: 9,
  });
});

test("unknown events, deltas and blocks are passed over", () => {
  const assembly = assemble(
    START,
    { type: "new_event" },
    open({ type: "new_block", a: 1 }),
    delta({ type: "new_delta", b: 2 }),
    close(),
    null,
    open({ type: "text", text: "" }, 1),
    delta({ type: "text_delta", text: "kept" }, 1),
  );
  assert.deepEqual(assembly.blocks, [
    { type: "new_block", a: 1 },
    { type: "text", text: "kept" },
  ]);
});

test("events without what they need are passed over", () => {
  const text = delta({ type: "text_delta", text: "lost" });
  assert.equal(assemble(text, close(), open({ type: "text" })).message, null);
  assert.deepEqual(assemble(START, text).blocks, []);
  assert.equal(assemble({ type: "message_delta", delta: {}, usage: {} }).message, null);
});

test("each delta that brings text says which", () => {
  assert.equal(streamedText(delta({ type: "text_delta", text: "a" })), "a");
  assert.equal(streamedText(delta({ type: "thinking_delta", thinking: "b" })), "b");
  assert.equal(streamedText(delta({ type: "input_json_delta", partial_json: "c" })), "c");
  assert.equal(streamedText(delta({ type: "signature_delta", signature: "d" })), "");
  assert.equal(streamedText(delta({ type: "text_delta", text: 5 })), "");
  assert.equal(streamedText(null), "");
});

test("thinking is not written for the reader", () => {
  assert.equal(isWritten(delta({ type: "text_delta", text: "a" })), true);
  assert.equal(isWritten(delta({ type: "input_json_delta", partial_json: "a" })), true);
  assert.equal(isWritten(delta({ type: "thinking_delta", thinking: "a" })), false);
});
