import assert from "node:assert/strict";
import { test } from "node:test";
import { saved } from "../../../static/js/sources/saved.js";
import { EventLog } from "../../../static/js/stream/event-log.js";
import { stream } from "../goldens.js";

/** @param {BlobPart[]} parts */
async function opened(...parts) {
  const log = new EventLog();
  await saved(new File(parts, "live-req_1.sse")).open(log);
  return log;
}

test("a saved stream is all there at once, without times", async () => {
  const log = await opened(stream("hello"));
  assert.equal(log.events.at(-1)?.name, "message_stop");
  assert.ok(log.events.every(({ at }) => at === 0));
  assert.deepEqual(log.ending, { problem: null, dropped: "", at: 0 });
});

test("a file that holds no stream is refused", async () => {
  await assert.rejects(opened("Dear diary"), /holds no server-sent events/);
  await assert.rejects(opened(), /holds no server-sent events/);
});

test("a file that is far too large is not read", async () => {
  const file = /** @type {File} */ ({ size: 40_000_000 });
  await assert.rejects(saved(file).open(new EventLog()), /larger than 32 MB/);
});
