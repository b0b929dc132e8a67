import assert from "node:assert/strict";
import { test } from "node:test";
import { clockTime, waitText } from "../../../static/js/live/wait.js";

test("a wait is told in the largest unit that says enough", () => {
  assert.deepEqual([1, 20, 60, 61, 3540, 3600, 3601, 20_520].map(waitText), [
    "1 second",
    "20 seconds",
    "1 minute",
    "2 minutes",
    "59 minutes",
    "1 hour",
    "1 hour 1 minute",
    "5 hours 42 minutes",
  ]);
});

test("the clock says when it is over, rather late than early", () => {
  const now = new Date(2026, 0, 1, 23, 58, 30);
  assert.equal(clockTime(60, now), "23:59");
  assert.equal(clockTime(3661, now), "01:00");
});
