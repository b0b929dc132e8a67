import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { Reel } from "../../../static/js/player/reel.js";
import { fetchPlan, recorded } from "../../../static/js/sources/recorded.js";

/** @typedef {import("../../../static/js/sources/recorded.js").Plan} Plan */

afterEach(() => mock.restoreAll());

/**
 * @param {[number, string][]} frames
 * @returns {Plan}
 */
function planOf(frames) {
  return { scenario: "s", title: "", summary: "", prompt: "", charactersPerToken: 3, frames };
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

test("all frames reach the reel with their times, however many there are", async () => {
  const frames = Array.from(
    { length: 1234 },
    (_, n) => /** @type {[number, string]} */ ([n, `data: {"n":${n}}\n\n`]),
  );
  const reel = new Reel();
  /** @type {Plan[]} */
  const told = [];
  await recorded(
    async () => planOf(frames),
    (plan) => told.push(plan),
  ).open(reel);
  assert.equal(told.length, 1);
  assert.deepEqual(
    reel.events.map(({ at, data }) => [at, data?.n]),
    frames.map(([at]) => [at, at]),
  );
  assert.deepEqual(reel.ending, { problem: null, dropped: "" });
});
