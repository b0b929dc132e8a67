import assert from "node:assert/strict";
import { test } from "node:test";
import { explain, familyOf } from "../../../static/js/protocol/table.js";

/** @param {string} anchor */
const entry = (anchor, family = "") => ({ anchor, when: "", meaning: "", client: "", family });

const TABLE = {
  events: {
    message_start: entry("event-message_start", "message"),
    content_block_start: entry("event-content_block_start", "block"),
    content_block_delta: entry("event-content_block_delta", "delta"),
    message_delta: entry("event-message_delta", "message"),
    error: entry("event-error", "error"),
  },
  deltas: { text_delta: entry("delta-text_delta") },
  blocks: { text: entry("block-text") },
  stop_reasons: { end_turn: entry("stop-end_turn"), tool_use: entry("stop-tool_use") },
  errors: { overloaded_error: entry("error-overloaded_error") },
};

/**
 * @param {string} name
 * @param {import("../../../static/js/protocol/message.js").WireObject | null} event
 */
function anchors(name, event) {
  return explain(TABLE, name, event).map(({ entry }) => entry.anchor);
}

test("an event is explained from general to particular", () => {
  assert.deepEqual(anchors("content_block_start", { content_block: { type: "text" } }), [
    "event-content_block_start",
    "block-text",
  ]);
  assert.deepEqual(anchors("content_block_delta", { delta: { type: "text_delta" } }), [
    "event-content_block_delta",
    "delta-text_delta",
  ]);
  assert.deepEqual(anchors("message_delta", { delta: { stop_reason: "end_turn" } }), [
    "event-message_delta",
    "stop-end_turn",
  ]);
  assert.deepEqual(anchors("message_start", { message: { stop_reason: "tool_use" } }), [
    "event-message_start",
    "stop-tool_use",
  ]);
  assert.deepEqual(anchors("error", { error: { type: "overloaded_error" } }), [
    "event-error",
    "error-overloaded_error",
  ]);
});

test("what the table does not know is left out", () => {
  assert.deepEqual(anchors("new_event", { delta: { type: "text_delta" } }), []);
  assert.deepEqual(anchors("content_block_delta", { delta: { type: "new_delta" } }), [
    "event-content_block_delta",
  ]);
  assert.deepEqual(anchors("content_block_delta", null), ["event-content_block_delta"]);
  assert.deepEqual(anchors("toString", { content_block: { type: "constructor" } }), []);
});

test("an event's family is the table's, and unknown ones have none", () => {
  assert.equal(familyOf(TABLE, "error"), "error");
  assert.equal(familyOf(TABLE, "new_event"), "ping");
});
