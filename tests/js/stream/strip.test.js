import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EventLog } from "../../../static/js/stream/event-log.js";
import { growingSpan, Strip, tickOf } from "../../../static/js/stream/strip.js";

const GOLDEN = new URL("../../golden/", import.meta.url);
/** @type {{path: string, ticks: [number, string, number][], end: number, drawn: Record<string, {columns: unknown, silences: unknown}>}[]} */
const STRIPS = JSON.parse(readFileSync(new URL("strips.json", GOLDEN), "utf8"));

/**
 * @param {[number, string, number][]} ticks
 * @param {number} end
 */
function stripOf(ticks, end, span = end) {
  const strip = new Strip();
  strip.ticks = ticks.map(([at, family, size]) => ({ at, family, size }));
  strip.end = end;
  strip.span = span;
  return strip;
}

/** @param {string} path */
function golden(path) {
  const found = STRIPS.find((one) => one.path === path);
  assert.ok(found, `${path} is in strips.json`);
  return found;
}

/** @param {string} family */
const event = (family) => ({ anchor: "", when: "", meaning: "", client: "", family });
/** @param {string} payload */
const delta = (payload) => ({ anchor: "", when: "", meaning: "", client: "", payload });
const TABLE = {
  events: {
    message_start: event("message"),
    content_block_start: event("block"),
    content_block_delta: event("delta"),
    content_block_stop: event("block"),
    message_delta: event("message"),
    message_stop: event("message"),
    ping: event("ping"),
  },
  deltas: {
    text_delta: delta("text"),
    thinking_delta: delta("thinking"),
    signature_delta: delta("signature"),
    citations_delta: delta("citation"),
  },
  blocks: {},
  stop_reasons: {},
  errors: {},
};

for (const { path, ticks, end, drawn } of STRIPS) {
  test(`the server draws ${path} the same`, () => {
    for (const [width, { columns, silences }] of Object.entries(drawn)) {
      const strip = stripOf(ticks, end);
      assert.deepEqual(strip.columns(Number(width)), columns);
      assert.deepEqual(strip.silences(Number(width)), silences);
    }
  });
}

for (const path of ["hello", "thinking-omitted", "long-prose"]) {
  test(`the events of ${path} have the families and sizes that the server gives them`, () => {
    const log = new EventLog();
    log.feed(readFileSync(new URL(`scenarios/${path}.sse`, GOLDEN)), 0);
    const found = log.events.map((one) => tickOf(TABLE, one));
    assert.deepEqual(
      found.map(({ family, size }) => [family, size]),
      golden(path).ticks.map(([, family, size]) => [family, size]),
    );
  });
}

test("a delta counts characters, of which 40 fill the height", () => {
  const sizes = [
    { type: "text_delta", text: "👋🏽".repeat(10) },
    { type: "text_delta", text: "👋".repeat(100) },
    { type: "citations_delta", citation: { cited_text: "a" } },
    { type: "constructor", text: "a" },
    { type: "text_delta", text: ["a"] },
    null,
  ].map((given) => {
    const data = { type: "content_block_delta", index: 0, delta: given };
    return tickOf(TABLE, { at: 0, name: "content_block_delta", data }).size;
  });
  assert.deepEqual(sizes, [20, 40, 0, 0, 0, 0]);
});

test("an event that nobody knows is drawn as a ping", () => {
  const tick = tickOf(TABLE, { at: 7, name: "constructor", data: null });
  assert.deepEqual(tick, { at: 7, family: "ping", size: 0 });
});

test("deltas of one column are summed, up to the full height", () => {
  const strip = stripOf(
    [
      [0, "delta", 10],
      [1, "delta", 10],
      [2, "delta", 40],
      [100, "ping", 0],
    ],
    100,
  );
  assert.deepEqual(strip.columns(20), {
    delta: [[0, 34]],
    message: [],
    error: [],
    block: [],
    ping: [[9, 8]],
  });
});

test("a silence that still lasts goes on to the end that is known", () => {
  const strip = stripOf([[100, "message", 0]], 1600, 2000);
  assert.deepEqual(strip.silences(200), [[12, 160, 1500]]);
  strip.end = 700;
  assert.deepEqual(strip.silences(200), []);
});

test("a place on the strip is the number of events up to it", () => {
  const strip = stripOf(
    [
      [0, "message", 0],
      [400, "delta", 5],
      [401, "delta", 5],
      [1000, "message", 0],
    ],
    1000,
  );
  const counts = [-5, 0, 10, 79, 80, 150, 198, 250].map((x) => strip.countAt(x, 200));
  assert.deepEqual(counts, [0, 1, 1, 1, 3, 3, 4, 4]);
  assert.equal(new Strip().countAt(10, 200), 0);
});

test("a stream without times has its events at equal distances, and no axis", () => {
  const strip = stripOf(
    [
      [0, "message", 0],
      [0, "delta", 5],
      [0, "message", 0],
    ],
    0,
  );
  assert.deepEqual(strip.columns(100).message, [
    [0, 34],
    [49, 34],
  ]);
  assert.deepEqual(strip.columns(100).delta, [[25, 9]]);
  assert.equal(strip.countAt(60, 100), 2);
  assert.deepEqual(strip.marks(100), []);
});

test("the axis has whole steps that leave room for their labels", () => {
  const labels = [3322, 10816, 40, 3_600_000].map((end) =>
    stripOf([], end)
      .marks(320)
      .map(({ label }) => label),
  );
  assert.deepEqual(labels, [
    ["0 s", "1 s", "2 s", "3 s"],
    ["0 s", "5 s", "10 s"],
    ["0 s", "0.01 s", "0.02 s", "0.03 s", "0.04 s"],
    ["0 s", "1000 s", "2000 s", "3000 s"],
  ]);
  assert.deepEqual(stripOf([], 2000).marks(200), [
    { x: 0, label: "0 s" },
    { x: 100, label: "1 s" },
    { x: 200, label: "2 s" },
  ]);
});

test("while a stream arrives, the time that the width stands for doubles when it is full", () => {
  assert.deepEqual([0, 1000, 1001, 2500, 9000].map(growingSpan), [1000, 1000, 2000, 4000, 16000]);
});
