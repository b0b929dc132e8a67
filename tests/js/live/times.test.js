import assert from "node:assert/strict";
import { test } from "node:test";
import { Times } from "../../../static/js/live/times.js";
import { Reel } from "../../../static/js/player/reel.js";

const encoder = new TextEncoder();

/**
 * @param {Reel} reel
 * @param {number} at
 */
function come(reel, at, text = "data: {}\n\n") {
  reel.feed(encoder.encode(text), at);
}

test("the gap is between two events, however often one looks", () => {
  const reel = new Reel();
  const times = new Times();
  times.follow(reel);
  assert.deepEqual([times.firstEvent, times.largestGap], [null, null]);
  come(reel, 700);
  times.follow(reel);
  assert.deepEqual([times.firstEvent, times.largestGap], [700, null]);
  come(reel, 800);
  times.follow(reel);
  come(reel, 1500);
  come(reel, 1600);
  times.follow(reel);
  times.follow(reel);
  assert.deepEqual([times.firstEvent, times.largestGap], [700, 700]);
});

test("a comment line is no event, and a silence before the end counts", () => {
  const reel = new Reel();
  const times = new Times();
  come(reel, 100);
  come(reel, 10_100, ": waiting for Claude\n\n");
  reel.end(null, 30_100);
  times.follow(reel);
  assert.deepEqual([times.firstEvent, times.largestGap], [100, 30_000]);
});

test("a stream without an event has no times", () => {
  const reel = new Reel();
  const times = new Times();
  reel.end(null, 30_100);
  times.follow(reel);
  assert.deepEqual([times.firstEvent, times.largestGap], [null, null]);
});
