import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { RecorderWatch } from "../../../static/js/recorder/watch.js";

beforeEach(() => {
  Object.assign(globalThis, {
    document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
  });
  mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** @param {object[]} answers the last one is given again */
function watching(...answers) {
  const asked = mock.method(globalThis, "fetch", async () =>
    Response.json(answers.length > 1 ? answers.shift() : answers[0]),
  );
  /** @type {unknown[]} */
  const told = [];
  const watch = new RecorderWatch(
    ({ requests, problem }) =>
      told.push([requests.map(({ name, status }) => `${name} ${status}`), problem]),
    (problem) => told.push(problem),
  );
  watch.start();
  return { watch, asked, told };
}

/** @param {number} ms */
async function pass(ms) {
  mock.timers.tick(ms);
  for (let n = 0; n < 10; n += 1) await new Promise((done) => setImmediate(done));
}

/**
 * @param {number} serial
 * @param {string[]} names
 * @param {Record<string, number>} changed statuses by name
 */
function list(serial, names, changed, problem = "") {
  const requests = Object.entries(changed).map(([name, status]) => ({ name, status }));
  return { serial, names, requests, problem };
}

test("only what changed is asked for, and what is known stays until it is forgotten", async () => {
  const { asked, told } = watching(
    list(3, ["a", "b"], { a: 0, b: 200 }),
    list(5, ["a", "b"], { a: 529 }, "The disk is full."),
    list(6, ["b"], {}),
  );
  await pass(0);
  await pass(1000);
  await pass(1000);
  assert.deepEqual(told, [
    [["a 0", "b 200"], ""],
    [["a 529", "b 200"], "The disk is full."],
    [["b 200"], ""],
  ]);
  const urls = asked.mock.calls.map(({ arguments: [url] }) => url);
  assert.deepEqual(
    urls,
    [0, 3, 5].map((serial) => `/recordings.json?after=${serial}`),
  );
});

test("after the site was started again, everything is read from the beginning", async () => {
  const { asked, told } = watching(
    list(9, ["a"], { a: 200 }),
    list(1, ["n"], {}),
    list(1, ["n"], { n: 200 }),
  );
  await pass(0);
  await pass(1000);
  await pass(1000);
  assert.deepEqual(told.at(-1), [["n 200"], ""]);
  assert.equal(asked.mock.calls[2].arguments[0], "/recordings.json?after=0");
});

test("clearing asks the site, and reads again", async () => {
  const { watch, asked } = watching(list(1, [], {}));
  await pass(0);
  await watch.clear();
  assert.deepEqual(asked.mock.calls[1].arguments, ["/recordings", { method: "DELETE" }]);
  assert.equal(asked.mock.callCount(), 3);
});

test("a machine that may not read it is told so once", async () => {
  const error = { message: "The recorder is for the machine that it runs on." };
  const asked = mock.method(globalThis, "fetch", async () =>
    Response.json({ error }, { status: 403 }),
  );
  /** @type {string[]} */
  const problems = [];
  new RecorderWatch(
    () => {},
    (problem) => problems.push(problem),
  ).start();
  await pass(0);
  await pass(10_000);
  assert.deepEqual([problems, asked.mock.callCount()], [[error.message], 1]);
});
