import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog, TOO_LONG } from "../../../static/js/stream/event-log.js";

const encoder = new TextEncoder();

/** @param {[number, string][]} chunks */
function logOf(...chunks) {
  const log = new EventLog();
  for (const [at, text] of chunks) log.feed(encoder.encode(text), at);
  return log;
}

test("an event carries the time at which its last byte was received", () => {
  const log = logOf([10, 'event: ping\ndata: {"type": "p'], [25, 'ing"}\n\n']);
  assert.deepEqual(log.events, [
    {
      at: 25,
      name: "ping",
      isNamed: true,
      offset: 0,
      raw: 'event: ping\ndata: {"type": "ping"}',
      data: { type: "ping" },
    },
  ]);
});

test("an event without a name has its data's type", () => {
  assert.equal(logOf([0, 'data: {"type":"message_stop"}\n\n']).events[0].name, "message_stop");
});

test("data that is not a JSON object is kept as text only", () => {
  for (const data of ["[DONE]", "{", "[1]", "null", '"text"']) {
    assert.equal(logOf([0, `data: ${data}\n\n`]).events[0].data, null, data);
  }
});

test("what is no stream of events is kept as text", () => {
  const log = new EventLog();
  log.begin({ status: 529, type: "application/json" });
  const bytes = encoder.encode('{"é":1}');
  log.feed(bytes.slice(0, 3), 0);
  log.feed(bytes.slice(3), 5);
  log.end();
  assert.deepEqual([log.isStream, log.body, log.events], [false, '{"é":1}', []]);
  assert.deepEqual([log.bytes, log.pieces], [8, 2]);
});

test("only a success with the type of a stream is one", () => {
  const log = new EventLog();
  assert.equal(log.isStream, true, "nobody said otherwise");
  for (const [status, type, expected] of /** @type {[number, string, boolean][]} */ ([
    [200, "text/event-stream; charset=utf-8", true],
    [200, "text/html", false],
    [200, "", false],
    [529, "text/event-stream", false],
  ])) {
    log.begin({ status, type });
    assert.equal(log.isStream, expected, `${status} ${type}`);
  }
});

test("the end says what broke and what was dropped", () => {
  const log = logOf([0, "data: 1\n\ndata: 2"]);
  assert.equal(log.ending, null);
  log.end("connection reset");
  assert.deepEqual(log.ending, {
    problem: "connection reset",
    dropped: "data: 2",
    offset: 9,
    at: 0,
  });
});

test("an error is one by its event line, whatever its data", () => {
  assert.deepEqual(
    logOf([0, 'event: error\ndata: {"error":"broke"}\n\nevent: error\ndata: broke\n\n']).events.map(
      ({ data }) => data,
    ),
    [
      { type: "error", error: "broke" },
      { type: "error", error: "broke" },
    ],
  );
});

test("a type that is no text is the event line's, and none without one", () => {
  const log = logOf([0, 'event: ping\ndata: {"type":{"toString":1}}\n\ndata: {"type":[]}\n\n']);
  assert.deepEqual(
    log.events.map(({ name, data }) => [name, data?.type]),
    [
      ["ping", "ping"],
      ["", []],
    ],
  );
});

test("an event without an end within 32 MB ends the stream, in words", () => {
  const log = new EventLog();
  log.feed(encoder.encode("data: {}\n\n"), 1);
  log.feed(encoder.encode(`data: ${"x".repeat(32_000_001)}`), 7);
  assert.deepEqual(log.ending, { problem: TOO_LONG, dropped: "", offset: 10, at: 7 });
  log.end(null, 9);
  assert.equal(log.ending?.problem, TOO_LONG);
  assert.equal(log.events.length, 1);
});

test("of very many events the first 250,000 are kept, and the others counted", () => {
  const log = new EventLog();
  const bytes = encoder.encode("data: {}\n\n".repeat(1000));
  for (let count = 0; count < 251; count += 1) log.feed(bytes, 0);
  assert.deepEqual([log.events.length, log.excess], [250_000, 1000]);
});

test("the largest gap is between two events, or from the last one to the end", () => {
  const log = logOf([700, "data: {}\n\n"]);
  assert.equal(log.largestGap, null);
  for (const at of [800, 1500, 1600]) log.feed(encoder.encode("data: {}\n\n"), at);
  assert.equal(log.largestGap, 700);
  log.end(null, 2500);
  assert.equal(log.largestGap, 900);
});

test("a comment line ends no gap, and a stream without an event has none", () => {
  const log = logOf([100, "data: {}\n\n"], [10_100, ": waiting for Claude\n\n"]);
  log.end(null, 30_100);
  assert.equal(log.largestGap, 30_000);
  const empty = logOf();
  empty.end(null, 30_100);
  assert.equal(empty.largestGap, null);
});
