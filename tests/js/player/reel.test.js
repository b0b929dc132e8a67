import assert from "node:assert/strict";
import { test } from "node:test";
import { Reel, TOO_LONG } from "../../../static/js/player/reel.js";

const encoder = new TextEncoder();

/** @param {[number, string][]} chunks */
function reelOf(...chunks) {
  const reel = new Reel();
  for (const [at, text] of chunks) reel.feed(encoder.encode(text), at);
  return reel;
}

test("an event carries the time at which its last byte came", () => {
  const reel = reelOf([10, 'event: ping\ndata: {"type": "p'], [25, 'ing"}\n\n']);
  assert.deepEqual(reel.events, [
    {
      at: 25,
      name: "ping",
      raw: 'event: ping\ndata: {"type": "ping"}',
      data: { type: "ping" },
    },
  ]);
});

test("an event without a name has its data's type", () => {
  assert.equal(reelOf([0, 'data: {"type":"message_stop"}\n\n']).events[0].name, "message_stop");
});

test("data that is not a JSON object is kept as text only", () => {
  for (const data of ["[DONE]", "{", "[1]", "null", '"text"']) {
    assert.equal(reelOf([0, `data: ${data}\n\n`]).events[0].data, null, data);
  }
});

test("what is no stream of events is kept as text", () => {
  const reel = new Reel();
  reel.begin({ status: 529, type: "application/json" });
  const bytes = encoder.encode('{"é":1}');
  reel.feed(bytes.slice(0, 3), 0);
  reel.feed(bytes.slice(3), 5);
  reel.end();
  assert.deepEqual([reel.isStream, reel.body, reel.events], [false, '{"é":1}', []]);
  assert.deepEqual([reel.bytes, reel.pieces], [8, 2]);
});

test("only a success with the type of a stream is one", () => {
  const reel = new Reel();
  assert.equal(reel.isStream, true, "nobody said otherwise");
  for (const [status, type, expected] of /** @type {[number, string, boolean][]} */ ([
    [200, "text/event-stream; charset=utf-8", true],
    [200, "text/html", false],
    [200, "", false],
    [529, "text/event-stream", false],
  ])) {
    reel.begin({ status, type });
    assert.equal(reel.isStream, expected, `${status} ${type}`);
  }
});

test("the end says what broke and what was dropped", () => {
  const reel = reelOf([0, "data: 1\n\ndata: 2"]);
  assert.equal(reel.ending, null);
  reel.end("connection reset");
  assert.deepEqual(reel.ending, { problem: "connection reset", dropped: "data: 2", at: 0 });
});

test("an error is one by its event line, whatever its data", () => {
  assert.deepEqual(
    reelOf([
      0,
      'event: error\ndata: {"error":"broke"}\n\nevent: error\ndata: broke\n\n',
    ]).events.map(({ data }) => data),
    [
      { type: "error", error: "broke" },
      { type: "error", error: "broke" },
    ],
  );
});

test("a type that is no text is the event line's, and none without one", () => {
  const reel = reelOf([0, 'event: ping\ndata: {"type":{"toString":1}}\n\ndata: {"type":[]}\n\n']);
  assert.deepEqual(
    reel.events.map(({ name, data }) => [name, data?.type]),
    [
      ["ping", "ping"],
      ["", []],
    ],
  );
});

test("an event without an end within 32 MB ends the stream, in words", () => {
  const reel = new Reel();
  reel.feed(encoder.encode("data: {}\n\n"), 1);
  reel.feed(encoder.encode(`data: ${"x".repeat(32_000_001)}`), 7);
  assert.deepEqual(reel.ending, { problem: TOO_LONG, dropped: "", at: 7 });
  reel.end(null, 9);
  assert.equal(reel.ending?.problem, TOO_LONG);
  assert.equal(reel.events.length, 1);
});

test("of very many events the first 250,000 are kept, and the others counted", () => {
  const reel = new Reel();
  const bytes = encoder.encode("data: {}\n\n".repeat(1000));
  for (let count = 0; count < 251; count += 1) reel.feed(bytes, 0);
  assert.deepEqual([reel.events.length, reel.excess], [250_000, 1000]);
});
