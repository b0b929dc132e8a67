import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { fetched } from "../../../static/js/sources/fetched.js";
import { BROKEN, EventLog, STOPPED, UNANSWERED } from "../../../static/js/stream/event-log.js";

afterEach(() => mock.restoreAll());

const SSE = { "content-type": "text/event-stream; charset=utf-8" };
const encoder = new TextEncoder();

/** A response whose body comes when the test says so. */
function slowly(init = { headers: SSE }) {
  /** @type {ReadableStreamDefaultController | undefined} */
  let body;
  const stream = new ReadableStream({
    start(controller) {
      body = controller;
    },
  });
  return {
    response: new Response(stream, init),
    /** @param {string} text */
    send: (text) => body?.enqueue(encoder.encode(text)),
    close: () => body?.close(),
    break: () => body?.error(new TypeError("network error")),
  };
}

/** @param {EventLog} log */
function problemOf(log) {
  return log.ending?.problem;
}

/** @param {() => Promise<Response>} answer */
async function opened(answer) {
  const fetchMock = mock.method(globalThis, "fetch", answer);
  const source = fetched("/simulator/hello/v1/messages", { method: "POST" });
  const log = new EventLog();
  await source.open(log);
  return { source, log, fetchMock };
}

/** Wait until something is so: streams take a few turns. @param {() => boolean} isSo */
async function until(isSo) {
  for (let n = 0; n < 100 && !isSo(); n += 1) await new Promise((done) => setImmediate(done));
  assert.ok(isSo());
}

test("the log fills as the bytes come, each piece at its time", async () => {
  const slow = slowly();
  const { source, log } = await opened(async () => slow.response);
  slow.send('event: ping\ndata: {"type":');
  await until(() => log.pieces === 1);
  assert.equal(log.head?.status, 200);
  assert.equal(log.events.length, 0);
  slow.send('"ping"}\n\n');
  await until(() => log.events.length === 1);
  assert.ok(log.events[0].at >= 0 && log.events[0].at <= source.now());
  assert.ok(!log.ending);
  slow.close();
  await until(() => log.ending !== null);
  assert.deepEqual([problemOf(log), log.bytes, log.pieces], [null, 35, 2]);
  assert.equal(await new Blob(source.received).text(), 'event: ping\ndata: {"type":"ping"}\n\n');
});

test("the request is passed on as it was given", async () => {
  const { fetchMock } = await opened(async () => new Response("", { headers: SSE }));
  const [url, init] = fetchMock.mock.calls[0].arguments;
  assert.equal(url, "/simulator/hello/v1/messages");
  assert.equal(init?.method, "POST");
});

test("a connection that breaks ends the log, and says so", async () => {
  const slow = slowly();
  const { log } = await opened(async () => slow.response);
  slow.send("data: {}\n\ndata: {");
  await until(() => log.pieces === 1);
  slow.break();
  await until(() => log.ending !== null);
  assert.deepEqual([log.ending?.problem, log.ending?.dropped], [BROKEN, "data: {"]);
});

test("a request without an answer is told from a broken stream", async () => {
  const { log } = await opened(async () => {
    throw new TypeError("Failed to fetch");
  });
  await until(() => log.ending !== null);
  assert.deepEqual([log.head, log.ending?.problem], [null, UNANSWERED]);
});

test("stop aborts the request, and keeps what came", async () => {
  const slow = slowly();
  const { source, log, fetchMock } = await opened(async () => slow.response);
  slow.send("data: {}\n\n");
  await until(() => log.events.length === 1);
  const signal = fetchMock.mock.calls[0].arguments[1]?.signal;
  signal?.addEventListener("abort", () => slow.break());
  source.stop();
  await until(() => log.ending !== null);
  assert.deepEqual([signal?.aborted, log.ending?.problem], [true, STOPPED]);
  assert.equal(log.events.length, 1);
});

test("what is no stream is kept as text, with the headers that matter", async () => {
  const body = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
  const headers = { "content-type": "application/json", "retry-after": "2", "x-other": "1" };
  const { log } = await opened(async () => new Response(body, { status: 529, headers }));
  await until(() => log.ending !== null);
  assert.equal(log.body, body);
  assert.deepEqual(log.events, []);
  assert.deepEqual(log.head, {
    status: 529,
    type: "application/json",
    headers: { "retry-after": "2" },
  });
});
