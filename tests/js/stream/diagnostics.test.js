import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "../../../static/js/stream/diagnostics.js";
import {
  BROKEN,
  EventLog,
  OPEN,
  STOPPED,
  TOO_LONG,
  UNANSWERED,
} from "../../../static/js/stream/event-log.js";
import { bytesOf, textStream } from "../player/stream.js";

/** @typedef {import("../../../static/js/protocol/message.js").WireObject} WireObject */

const entry = { anchor: "", when: "", meaning: "", client: "" };
const EVENTS = "message_start content_block_start content_block_delta content_block_stop";
const TABLE = {
  events: entries(`${EVENTS} message_delta message_stop ping error`),
  deltas: entries("text_delta"),
  blocks: entries("text"),
  stop_reasons: {},
  errors: {},
};

/** @param {string} names */
function entries(names) {
  return Object.fromEntries(names.split(" ").map((name) => [name, entry]));
}

/**
 * The titles of what is noticed of a stream.
 * @param {[number, WireObject][]} events
 * @param {string | null} [problem]
 */
function noticed(events, problem = null, at = events.at(-1)?.[0] ?? 0) {
  const log = new EventLog();
  log.begin({ status: 200, type: "text/event-stream" });
  for (const [time, event] of events) log.feed(bytesOf(event), time);
  log.end(problem, at);
  return findings(log, TABLE).map(({ kind, title, text }) => [kind, `${title}: ${text}`]);
}

test("a whole stream is complete, and nothing else", () => {
  assert.deepEqual(noticed(textStream("a")), [
    ["complete", "Complete: message_stop came, after end_turn."],
  ]);
});

test("a clean end without message_stop is told from a broken connection and from a stop", () => {
  const cut = textStream("a").slice(0, 3);
  assert.equal(
    noticed(cut)[0][1],
    "Ended without message_stop: The body ended in good order after event 3: only the missing event tells.",
  );
  assert.match(noticed(cut, BROKEN)[0][1], /^Network error: The connection broke after event 3\./);
  assert.match(noticed(cut, OPEN)[0][1], /^Nothing more came: The connection stayed open after ev/);
  assert.deepEqual(noticed(cut, STOPPED)[0], [
    "note",
    "You stopped it: The request was aborted after event 3.",
  ]);
});

test("a stream with message_stop is complete, whatever ended the connection after it", () => {
  for (const problem of [null, BROKEN, OPEN, STOPPED, TOO_LONG]) {
    assert.deepEqual(noticed(textStream("a"), problem)[0], [
      "complete",
      "Complete: message_stop came, after end_turn.",
    ]);
  }
});

test("a request without an answer has neither status nor headers", () => {
  const log = new EventLog();
  log.end(UNANSWERED);
  assert.match(findings(log, TABLE)[0].text, /before any answer/);
});

test("an error event is named with its message", () => {
  const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
  assert.deepEqual(noticed([...textStream("a").slice(0, 3), [150, error]])[0], [
    "problem",
    "Error event: overloaded_error: Overloaded",
  ]);
});

test("a refusal before the stream has its status, its error and its headers", () => {
  const log = new EventLog();
  const headers = { "retry-after": "1" };
  log.begin({ status: 429, type: "application/json", headers });
  const error = { type: "rate_limit_error", message: "Slow down" };
  log.feed(new TextEncoder().encode(JSON.stringify({ type: "error", error })), 5);
  log.end();
  assert.deepEqual(findings(log, TABLE), [
    {
      kind: "problem",
      title: "HTTP 429 before a stream",
      text: "rate_limit_error: Slow down · retry-after: 1",
    },
  ]);
});

test("HTTP 200 without a stream is no stream", () => {
  const log = new EventLog();
  log.begin({ status: 200, type: "text/html" });
  log.feed(new TextEncoder().encode("<h1>Sign in</h1>"), 5);
  log.end();
  assert.equal(findings(log, TABLE)[0].title, "Not an event stream");
});

test("what is odd is noted beside how it ended", () => {
  const events = textStream("a");
  events.splice(1, 0, [100, events[0][1]], [100, { type: "future_event" }]);
  events.splice(5, 0, [100, { type: "content_block_delta", index: 7, delta: { type: "x_delta" } }]);
  const titles = noticed(events, null, 30_000).map(([, text]) => text);
  assert.deepEqual(titles.slice(1), [
    "Unknown types, passed over: future_event, x_delta",
    "Repeated start: message_start (event 2)",
    "Unopened block: content_block_delta, index 7 (event 6)",
    "Open after stop: The connection stayed open after message_stop (event 9)",
  ]);
});

test("a long silence is told with the event that ended it, and at the end of a cut stream", () => {
  const events = textStream("a");
  const late = events.map(([at, event], index) => [index < 3 ? at : at + 5000, event]);
  assert.deepEqual(noticed(/** @type {any} */ (late), null).at(-1), [
    "note",
    "Silence: Nothing came for 5.0 s before event 4.",
  ]);
  assert.deepEqual(noticed(events.slice(0, 3), OPEN, 30_050).at(-1), [
    "note",
    "Silence: Nothing came for 29.9 s at the end.",
  ]);
});

test("broken data, nameless events and a dropped rest are noted", () => {
  const log = new EventLog();
  log.feed(
    new TextEncoder().encode('data: {"type":"ping"}\n\nevent: ping\ndata: {"ty\n\ndata: x'),
    0,
  );
  log.end();
  assert.deepEqual(
    findings(log, TABLE).map(({ title }) => title),
    ["Ended without message_stop", "No name", "No object", "Last blank line"],
  );
});

test("what is not as documented is told in one sentence, with the ending as ever", () => {
  const events = textStream("a");
  const type = { toString: 1 };
  events.splice(2, 0, [150, { type: "content_block_delta", index: 0, delta: { type } }]);
  events[5][1].usage = null;
  assert.deepEqual(noticed(events), [
    ["complete", "Complete: message_stop came, after end_turn."],
    ["note", "Not as documented: usage is null (event 6)."],
  ]);
});

test("an event that is too long is told with what is kept", () => {
  assert.deepEqual(noticed(textStream("a").slice(0, 3), TOO_LONG)[0], [
    "problem",
    "Too long an event: What came after event 3 has no end within 32 MB, so the page stopped reading. All before it is kept.",
  ]);
});

test("a message_stop that no blank line ended is told as not delivered, and nothing twice", () => {
  const log = new EventLog();
  const events = textStream("a");
  for (const [at, event] of events.slice(0, -1)) log.feed(bytesOf(event), at);
  log.feed(new TextEncoder().encode('event: message_stop\ndata: {"type":"message_stop"}\n'), 300);
  log.end();
  assert.deepEqual(findings(log, TABLE), [
    {
      kind: "problem",
      title: "message_stop was not delivered",
      text: "No blank line ended message_stop.",
    },
  ]);
});

test("what follows message_stop is counted", () => {
  const found = noticed([...textStream("a"), ...textStream("b"), ...textStream("c")]);
  assert.deepEqual(
    found.map(([, text]) => text),
    [
      "Complete: message_stop came, after end_turn.",
      "After stop: message_start (event 7), and in 11 more places",
    ],
  );
});
