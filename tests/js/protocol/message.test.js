import assert from "node:assert/strict";
import { test } from "node:test";
import { Assembly, isWritten, streamedText } from "../../../static/js/protocol/message.js";
import { EventLog } from "../../../static/js/stream/event-log.js";
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
  const log = new EventLog();
  log.feed(stream(name), 0);
  log.end();
  return log.events.map(({ data }) => data);
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
    assert.equal(assembly.open, null);
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

const TEXT = { type: "text", text: "" };

/**
 * What is left of an answer in which one value is of another kind.
 * @param {(WireObject | null)[]} events
 */
function told(...events) {
  const assembly = assemble(...events);
  return [assembly.streamed, assembly.odd];
}

/** @param {unknown} index */
function indexed(index) {
  return [
    { ...open(TEXT), index },
    { ...delta({ type: "text_delta", text: "kept" }), index },
    { ...close(), index },
  ];
}

test("whatever an index is, its block is shown, in a list without holes", () => {
  for (const [index, words] of /** @type {[unknown, string][]} */ ([
    [100_000_000, "100000000"],
    [4_294_967_294, "4294967294"],
    [-1, "-1"],
    [0.5, "0.5"],
    ["0", '"0"'],
    ["length", '"length"'],
    ["__proto__", '"__proto__"'],
    ["entries", '"entries"'],
    [null, "null"],
    [undefined, "missing"],
  ])) {
    const assembly = assemble(START, ...indexed(index));
    assert.deepEqual(assembly.message?.content, [{ type: "text", text: "kept" }]);
    assert.deepEqual(assembly.streamed, ["kept"]);
    assert.equal(assembly.odd, `index is ${words} (event 2).`);
  }
});

test("an index that is opened twice is two blocks, and told", () => {
  const assembly = assemble(START, ...indexed(0), ...indexed(0));
  assert.deepEqual(assembly.streamed, ["kept", "kept"]);
  assert.equal(assembly.odd, "index is 0 (event 5).");
});

test("an answer keeps a thousand blocks, and tells that there were more", () => {
  const assembly = assemble(
    START,
    ...Array.from({ length: 1200 }, (_, index) => open(TEXT, index)),
  );
  assert.equal(assembly.blocks.length, 1000);
  assert.match(assembly.odd, /content has more than 1000 blocks \(event 1002\)/);
});

test("content that is none is passed over and told", () => {
  /** @param {unknown} content */
  const start = (content) => ({ type: "message_start", message: { content } });
  assert.deepEqual(told(start(5)), [[], "message.content is 5 (event 1)."]);
  assert.deepEqual(told(start("abc")), [[], 'message.content is "abc" (event 1).']);
  assert.deepEqual(told(start({})), [[], "message.content is an object (event 1)."]);
  assert.deepEqual(told(start([null, 5, { type: "text", text: "a" }])), [
    ["a"],
    "content is null (event 1).",
  ]);
  assert.deepEqual(told({ type: "message_start" }), [[], "message is missing (event 1)."]);
});

test("a block and a delta that are none are passed over and told", () => {
  const whole = indexed(0);
  assert.deepEqual(told(START, { ...open(TEXT, 1), content_block: "abc" }, ...whole), [
    ["kept"],
    'content_block is "abc" (event 2).',
  ]);
  assert.deepEqual(told(START, whole[0], { ...whole[1], delta: null }, ...whole.slice(1)), [
    ["kept"],
    "delta is null (event 3).",
  ]);
  assert.deepEqual(told(START, whole[0], delta({ type: "text_delta" }), whole[1]), [
    ["kept"],
    "delta.text is missing (event 3).",
  ]);
  const type = { toString: 1 };
  assert.deepEqual(told(START, open({ type, text: 5, input: "x" }), delta({ type }), whole[1]), [
    ["kept"],
    "content_block.type is an object (event 2), content_block.text is 5 (event 2), " +
      'content_block.input is "x" (event 2).',
  ]);
});

test("citations that are none are passed over and told", () => {
  const source = { type: "char_location" };
  /** @param {unknown} citations */
  const start = (citations) => open({ ...TEXT, citations });
  const added = delta({ type: "citations_delta", citation: source });
  for (const [first, words] of /** @type {[WireObject, string][]} */ ([
    [start("abc"), 'content_block.citations is "abc" (event 2).'],
    [start([null]), "content_block.citations holds what is no object (event 2)."],
    [start(null), ""],
  ])) {
    const assembly = assemble(START, first, added);
    assert.deepEqual(assembly.blocks[0].citations, [source]);
    assert.equal(assembly.odd, words);
  }
  for (const change of [{ type: "citations_delta", citation: null }, { type: "citations_delta" }]) {
    const assembly = assemble(START, open(TEXT), delta(change));
    assert.match(assembly.odd, /^delta\.citation is (null|missing) \(event 3\)\.$/);
  }
  const compaction = delta({ type: "compaction_delta", content: "c", citations: "abc" });
  const assembly = assemble(START, open({ type: "compaction", content: null }), compaction);
  assert.deepEqual(assembly.blocks, [{ type: "compaction", content: "c" }]);
  assert.equal(assembly.odd, 'delta.citations is "abc" (event 3).');
});

test("usage that is none, or no count, keeps what was known and is told", () => {
  /** @param {unknown} usage */
  const end = (usage) => assemble(START, { type: "message_delta", delta: {}, usage });
  const kept = { input_tokens: 5, output_tokens: 1 };
  for (const [usage, words] of /** @type {[unknown, string][]} */ ([
    [null, "usage is null (event 2)."],
    ["abc", 'usage is "abc" (event 2).'],
    [{ output_tokens: "9" }, 'usage.output_tokens is "9" (event 2).'],
    [{ output_tokens: -1 }, "usage.output_tokens is -1 (event 2)."],
    [{ output_tokens: Number.POSITIVE_INFINITY }, "usage.output_tokens is Infinity (event 2)."],
    [JSON.parse('{"__proto__": {"a": 1}}'), "usage.__proto__ is an object (event 2)."],
  ])) {
    const { message, odd } = end(usage);
    assert.deepEqual(message?.usage, kept);
    assert.equal(Object.getPrototypeOf(message?.usage), Object.prototype);
    assert.equal(odd, words);
  }
  const { message, odd } = end({ output_tokens_details: { thinking_tokens: {} } });
  assert.deepEqual(message?.usage, { ...kept, output_tokens_details: {} });
  assert.equal(odd, "usage.output_tokens_details.thinking_tokens is an object (event 2).");
});

test("a message_delta replaces neither content nor usage, and a later null erases nothing", () => {
  const end = {
    type: "message_delta",
    delta: { stop_reason: "end_turn", content: 5 },
    content: [],
  };
  const later = { type: "message_delta", delta: { stop_reason: null, usage: null } };
  const assembly = assemble(START, ...indexed(0), end, later, { type: "message_delta" });
  assert.equal(assembly.message?.stop_reason, "end_turn");
  assert.deepEqual(assembly.streamed, ["kept"]);
  assert.deepEqual(assembly.blocks, [{ type: "text", text: "kept" }]);
  assert.equal(
    assembly.odd,
    "delta.content is 5 (event 5), message_delta.content is an array (event 5), " +
      "delta.usage is null (event 6), delta is missing (event 7).",
  );
});

test("an error is one whatever it holds", () => {
  /** @param {unknown} error */
  const failed = (error) => assemble(START, { type: "error", error }).error;
  assert.deepEqual(failed("broke"), { type: "error", message: "broke" });
  assert.deepEqual(failed(null), { type: "error", message: "" });
  const message = '{"type":{"toString":1},"message":5}';
  assert.deepEqual(failed({ type: { toString: 1 }, message: 5 }), { type: "error", message });
  assert.deepEqual(failed({ type: "constructor", message: "m" }), {
    type: "constructor",
    message: "m",
  });
});

test("the same message_start again changes nothing, and another one is not joined to it", () => {
  const other = { type: "message_start", message: { ...START.message, id: "msg_other" } };
  const assembly = assemble(START, ...indexed(0), START, other, ...indexed(1));
  assert.deepEqual(assembly.streamed, ["kept"]);
  assert.deepEqual([assembly.isSpliced, assembly.isOver], [true, true]);
  assert.equal(assembly.odd, "");
});

test("of very much that is odd only the first is said", () => {
  const events = ["a", "b", "c", "d", "e", "f", "g"].map((name) => ({
    type: "message_delta",
    delta: {},
    usage: { [`${name}_tokens`]: "x" },
  }));
  assert.match(assemble(START, ...events).odd, /^usage\.a_tokens is "x" .*, and 2 more\.$/);
});

test("the text of each event has its place in its block, and each character its event", () => {
  const assembly = assemble(
    START,
    open({ type: "text", text: "" }),
    delta({ type: "text_delta", text: "Hel" }),
    open({ type: "thinking", thinking: "So" }, 1),
    delta({ type: "text_delta", text: "lo" }),
    close(),
    delta({ type: "thinking_delta", thinking: "!" }, 1),
  );
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((index) => assembly.spanOf(index)),
    [
      null,
      null,
      { place: 0, start: 0, end: 3 },
      { place: 1, start: 0, end: 2 },
      { place: 0, start: 3, end: 5 },
      null,
      { place: 1, start: 2, end: 3 },
      null,
    ],
  );
  const found = [0, 2, 3, 4, 5].map((offset) => assembly.eventAt(0, offset));
  assert.deepEqual(found, [2, 2, 4, 4, -1]);
  assert.deepEqual([assembly.eventAt(1, 2), assembly.eventAt(-1, 0)], [6, -1]);
});
