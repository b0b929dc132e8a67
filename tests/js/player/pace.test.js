import assert from "node:assert/strict";
import { test } from "node:test";
import { waitBefore } from "../../../static/js/player/pace.js";

test("as sent, the wait is the wire's, scaled", () => {
  assert.equal(waitBefore("sent", 30, 1234, true), 1234);
  assert.equal(waitBefore("sent", 60, 1000, false), 2000);
  assert.equal(waitBefore("sent", 0, 1000, false), 0);
});

test("the typewriter waits for no text and for no long silence", () => {
  assert.equal(waitBefore("typewriter", 30, 5000, true), 0);
  assert.equal(waitBefore("typewriter", 30, 5000, false), 600);
  assert.equal(waitBefore("typewriter", 15, 100, false), 50);
});
