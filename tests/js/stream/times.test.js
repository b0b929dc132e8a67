import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog } from "../../../static/js/stream/event-log.js";
import { Times } from "../../../static/js/stream/times.js";

const encoder = new TextEncoder();

/**
 * @param {EventLog} log
 * @param {number} at
 */
function come(log, at, text = "data: {}\n\n") {
  log.feed(encoder.encode(text), at);
}

test("the gap is between two events, however often one looks", () => {
  const log = new EventLog();
  const times = new Times();
  times.follow(log);
  assert.deepEqual([times.firstEvent, times.largestGap], [null, null]);
  come(log, 700);
  times.follow(log);
  assert.deepEqual([times.firstEvent, times.largestGap], [700, null]);
  come(log, 800);
  times.follow(log);
  come(log, 1500);
  come(log, 1600);
  times.follow(log);
  times.follow(log);
  assert.deepEqual([times.firstEvent, times.largestGap], [700, 700]);
});

test("a comment line is no event, and a silence before the end counts", () => {
  const log = new EventLog();
  const times = new Times();
  come(log, 100);
  come(log, 10_100, ": waiting for Claude\n\n");
  log.end(null, 30_100);
  times.follow(log);
  assert.deepEqual([times.firstEvent, times.largestGap], [100, 30_000]);
});

test("a stream without an event has no times", () => {
  const log = new EventLog();
  const times = new Times();
  log.end(null, 30_100);
  times.follow(log);
  assert.deepEqual([times.firstEvent, times.largestGap], [null, null]);
});
