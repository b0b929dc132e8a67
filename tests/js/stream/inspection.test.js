/** What only the page finds, and how; what bytes show is compared with Python's findings. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog, OPEN } from "../../../static/js/stream/event-log.js";
import { inspect, inspectInTasks } from "../../../static/js/stream/inspection.js";
import { bytesOf, textStream } from "../player/stream.js";

/**
 * @param {import("../../../static/js/stream/event-log.js").Head} head
 * @param {string | null} [problem]
 * @param {number} [at]
 */
function found(head, problem = null, at = 300) {
  const log = new EventLog();
  log.begin(head);
  for (const [time, event] of textStream("a")) log.feed(bytesOf(event), time);
  log.end(problem, at);
  return inspect(log).map(({ rule, event }) => [rule, event]);
}

const type = "text/event-stream";

test("the head tells another content-type, a status and a compression", () => {
  assert.deepEqual(found({ status: 200, type }), []);
  const json = { status: 200, type: "application/json", hasEvents: true };
  assert.deepEqual(found(json), [["not-a-stream", null]]);
  assert.deepEqual(found({ status: 500, type, hasEvents: true }), [["http-error", null]]);
  const headers = { "content-encoding": "gzip" };
  assert.deepEqual(found({ status: 200, type, headers }), [["identity", null]]);
});

test("a connection that stays open after message_stop is no silence", () => {
  const stop = textStream("a").length;
  assert.deepEqual(found({ status: 200, type }, OPEN), [["open-after-stop", stop]]);
  assert.deepEqual(found({ status: 200, type }, null, 9000), [["open-after-stop", stop]]);
});

test("a long stream is inspected in many tasks, with the same findings", async () => {
  const log = new EventLog();
  const events = textStream("a".repeat(9000));
  for (const [at, event] of events) log.feed(bytesOf(event), at);
  for (let count = 0; count < 9000; count += 1) log.feed(bytesOf({ type: "future" }), 0);
  log.end();
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  const rules = await inspectInTasks(log, new Uint8Array(), pause);
  assert.equal(pauses, Math.floor(log.events.length / 2000));
  assert.deepEqual(
    rules.map(({ rule, event, count }) => [rule, event, count]),
    [["after-stop", events.length + 1, 9000]],
  );
  assert.equal(inspect(log), rules);
});
