import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { JournalWatch } from "../../../static/js/simulator/watch.js";

/** @type {EventTarget & {visibilityState: string}} */
let page;

beforeEach(() => {
  page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  Object.assign(globalThis, { document: page });
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** @param {Response[]} answers */
function watching(...answers) {
  const asked = mock.method(globalThis, "fetch", async () => answers.shift() ?? list());
  /** @type {unknown[]} */
  const told = [];
  const watch = new JournalWatch(
    "a key",
    (requests) => told.push(requests.length),
    (problem) => told.push(problem),
  );
  watch.start();
  return { asked, told };
}

/** @param {unknown[]} requests */
function list(...requests) {
  return Response.json({ requests });
}

/** Let what was asked be answered. */
async function settled() {
  for (let n = 0; n < 10; n += 1) await new Promise((done) => setImmediate(done));
}

/** @param {number} ms */
async function pass(ms) {
  mock.timers.tick(ms);
  await settled();
}

test("it asks with the key, at once and then every other second", async () => {
  const { asked, told } = watching(list(), list({}));
  await settled();
  assert.deepEqual(asked.mock.calls[0].arguments, [
    "/simulator/journal.json?bodies=0",
    { headers: { "x-api-key": "a key" } },
  ]);
  await pass(1999);
  assert.deepEqual(told, [0]);
  await pass(1);
  assert.deepEqual(told, [0, 1]);
});

test("a hidden page asks nothing, and asks at once when it is seen again", async () => {
  const { asked } = watching();
  await settled();
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  await pass(20_000);
  assert.equal(asked.mock.callCount(), 1);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.equal(asked.mock.callCount(), 2);
});

test("a site of several processes is asked once, and its reason told", async () => {
  const error = { message: "The journal needs a single process." };
  const { asked, told } = watching(Response.json({ error }, { status: 503 }));
  await settled();
  await pass(10_000);
  assert.equal(asked.mock.callCount(), 1);
  assert.deepEqual(told, ["The journal needs a single process."]);
});

test("what fails is told and tried again", async () => {
  const { told } = watching(new Response("<h1>502</h1>", { status: 502 }), list({}));
  await settled();
  await pass(2000);
  assert.equal(told.length, 2);
  assert.match(String(told[0]), /tried again/);
  assert.equal(told[1], 1);
});
