import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { arriving, recorded } from "../../../static/js/sources/recorded.js";
import { BROKEN, EventLog, LEFT } from "../../../static/js/stream/event-log.js";

afterEach(() => mock.restoreAll());

const PING = 'event: ping\ndata: {"type":"ping"}\n\n';
const TOLD = {
  status: 200,
  headers: { "content-type": "text/event-stream", "request-id": "req_1", "x-other": "1" },
  pieces: /** @type {[number, string][]} */ ([]),
  next: 0,
  is_last: false,
  ended: null,
  after_ms: null,
  now_ms: 1000,
};

/** Answer each request with the next of these. @param {object[]} answers */
function answering(...answers) {
  const urls = /** @type {string[]} */ ([]);
  mock.method(globalThis, "fetch", async (/** @type {string} */ url) => {
    urls.push(url);
    return Response.json({ ...TOLD, ...answers[urls.length - 1] });
  });
  return urls;
}

/** Wait until something is so. @param {() => boolean} isSo */
async function until(isSo) {
  for (let n = 0; n < 200 && !isSo(); n += 1) await new Promise((done) => setTimeout(done, 10));
  assert.ok(isSo());
}

test("an answer that ended is read whole, each piece at its time", async () => {
  const urls = answering(
    { pieces: [[100, PING.slice(0, 9)]], next: 1 },
    { pieces: [[300, PING.slice(9)]], next: 2, is_last: true, ended: "complete", after_ms: 500 },
  );
  const log = new EventLog();
  const source = recorded("a b");
  assert.equal(source.now, undefined);
  await source.open(log);
  assert.deepEqual(urls, [
    "/recordings/a%20b/pieces.json?from=0",
    "/recordings/a%20b/pieces.json?from=1",
  ]);
  assert.deepEqual(log.head, {
    status: 200,
    type: "text/event-stream",
    headers: { "request-id": "req_1" },
  });
  assert.deepEqual([log.events.length, log.events[0].at, log.bytes], [1, 300, PING.length]);
  assert.deepEqual([log.ending?.problem, log.ending?.at], [null, 500]);
});

test("bytes that are no text stay the bytes that they are", async () => {
  answering({
    pieces: [[1, 'data: {"type":"\u00c3\u00a9"}\n\n']],
    is_last: true,
    ended: "complete",
  });
  const log = new EventLog();
  await recorded("a").open(log);
  assert.equal(log.events[0].data?.type, "é");
});

for (const [ended, problem] of [
  ["cut", BROKEN],
  ["left", LEFT],
]) {
  test(`an answer that was ${ended} says so`, async () => {
    answering({ pieces: [[1, PING]], is_last: true, ended, after_ms: 900 });
    const log = new EventLog();
    await recorded("a").open(log);
    assert.deepEqual([log.ending?.problem, log.ending?.at], [problem, 900]);
  });
}

test("a recording that is gone cannot be opened, and the server's words say why", async () => {
  mock.method(globalThis, "fetch", async () =>
    Response.json({ error: { message: "There is none." } }, { status: 404 }),
  );
  await assert.rejects(() => recorded("a").open(new EventLog()), /There is none\./);
});

test("an answer in flight is followed to its end, on its own clock", async () => {
  answering(
    { pieces: [[100, PING]], next: 1, now_ms: 5000 },
    { pieces: [], next: 1 },
    { pieces: [[900, PING]], next: 2, is_last: true, ended: "complete", after_ms: 950 },
  );
  const log = new EventLog();
  const source = arriving("a");
  await source.open(log);
  await until(() => log.events.length === 1);
  const now = source.now?.() ?? 0;
  assert.ok(now >= 5000 && now < 60_000);
  await until(() => log.ending !== null);
  assert.deepEqual(
    log.events.map(({ at }) => at),
    [100, 900],
  );
  assert.equal(log.ending?.at, 950);
});

test("an answer that is not followed any more asks for nothing more", async () => {
  const urls = answering({ pieces: [[1, PING]], next: 1 }, {}, {}, {});
  const log = new EventLog();
  const source = arriving("a");
  await source.open(log);
  await until(() => log.events.length === 1);
  source.stop?.();
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.timers.tick(10_000);
  mock.timers.reset();
  await new Promise((done) => setImmediate(done));
  assert.equal(urls.length, 1);
});
