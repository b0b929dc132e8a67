import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { fetchPlan, planned } from "../../../static/js/sources/plan.js";
import { EventLog } from "../../../static/js/stream/event-log.js";

/** @typedef {import("../../../static/js/sources/plan.js").Plan} Plan */

afterEach(() => mock.restoreAll());

/**
 * @param {[number, string][]} frames
 * @returns {Plan}
 */
function planOf(frames) {
  return { summary: "", prompt: "", charactersPerToken: 3, frames };
}

test("a plan is asked for by its scenario's name", async () => {
  const fetched = mock.method(globalThis, "fetch", async () => Response.json(planOf([])));
  assert.deepEqual(await fetchPlan("a/b"), planOf([]));
  assert.deepEqual(fetched.mock.calls[0].arguments, ["/demo/plans/a%2Fb.json"]);
});

test("a plan that the site does not have is an error that says so", async () => {
  mock.method(globalThis, "fetch", async () => new Response("", { status: 404 }));
  await assert.rejects(fetchPlan("gone"), { message: 'The site answered 404 for "gone".' });
});

test("a fault is asked for behind the scenario, and a wrong one is told by the site", async () => {
  const message = "No fault is called 'x'. There are: none.";
  const fetched = mock.method(globalThis, "fetch", async () =>
    Response.json({ error: { message } }, { status: 400 }),
  );
  await assert.rejects(fetchPlan("hello", "drop;at=9+x"), { message });
  assert.deepEqual(fetched.mock.calls[0].arguments, ["/demo/plans/hello/drop%3Bat%3D9%2Bx.json"]);
});

/** @param {Partial<Plan>} faulty */
async function ended(faulty) {
  const log = new EventLog();
  const head = { status: 200, contentType: "text/event-stream" };
  await planned(async () => ({ ...planOf([[7, "data: {}\n\n"]]), ...head, ...faulty })).open(log);
  return [log.head?.status ?? null, log.ending?.problem];
}

test("a plan that is cut ends as a client would see it", async () => {
  assert.deepEqual(await ended({ end: "whole" }), [200, null]);
  assert.deepEqual(await ended({ end: "drop" }), [200, "connection cut"]);
  assert.deepEqual(await ended({ end: "reset" }), [200, "connection cut"]);
  assert.deepEqual(await ended({ end: "open" }), [200, "nothing more came"]);
  assert.deepEqual(await ended({ end: "drop", framing: "http10" }), [200, null]);
  assert.deepEqual(await ended({ end: "drop", frames: [] }), [null, "no answer"]);
  assert.deepEqual(await ended({ end: "whole", status: 529, contentType: "application/json" }), [
    529,
    null,
  ]);
});

test("all frames reach the log with their times, however many there are", async () => {
  const frames = Array.from(
    { length: 1234 },
    (_, n) => /** @type {[number, string]} */ ([n, `data: {"n":${n}}\n\n`]),
  );
  const log = new EventLog();
  /** @type {Plan[]} */
  const told = [];
  await planned(
    async () => planOf(frames),
    (plan) => told.push(plan),
  ).open(log);
  assert.equal(told.length, 1);
  assert.deepEqual(
    log.events.map(({ at, data }) => [at, data?.n]),
    frames.map(([at]) => [at, at]),
  );
  assert.deepEqual(log.ending, { problem: null, dropped: "", offset: log.bytes, at: 1233 });
});
