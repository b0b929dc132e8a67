import assert from "node:assert/strict";
import { test } from "node:test";
import { played, read, saved } from "../../../static/js/sources/saved.js";
import { BROKEN, EventLog } from "../../../static/js/stream/event-log.js";
import { names, stream } from "../goldens.js";

/** @param {BlobPart[]} parts */
async function opened(...parts) {
  const log = new EventLog();
  /** @type {string[]} */
  const notes = [];
  await saved(new File(parts, "live-req_1.sse"), (note) => notes.push(note)).open(log);
  return { log, notes };
}

/** @param {string} name of a scenario */
function textOf(name) {
  return new TextDecoder().decode(stream(name));
}

/** @param {string} name of a scenario */
async function dataOf(name) {
  const { log } = await opened(stream(name));
  return log.events.map(({ name, data }) => ({ name, data }));
}

/** @param {string} text */
function dataLines(text) {
  return text.split("\n").filter((line) => line.startsWith("data:"));
}

/**
 * UTF-16 with its byte order mark, as some shells write it.
 * @param {string} text
 * @param {boolean} isLittleEndian
 */
function utf16(text, isLittleEndian) {
  const marked = `\uFEFF${text}`;
  const view = new DataView(new ArrayBuffer(2 * marked.length));
  for (let index = 0; index < marked.length; index += 1) {
    view.setUint16(2 * index, marked.charCodeAt(index), isLittleEndian);
  }
  return new Uint8Array(view.buffer);
}

test("a saved stream is all there at once, without times", async () => {
  const { log, notes } = await opened(stream("hello"));
  assert.equal(log.events.at(-1)?.name, "message_stop");
  assert.ok(log.events.every(({ at }) => at === 0));
  assert.deepEqual(log.ending, { problem: null, dropped: "", offset: log.bytes, at: 0 });
  assert.deepEqual(notes, []);
});

const ONE_A_LINE = "It has one event a line, shown here as a stream sends it.";
const AS_JSON = "It is JSON, shown here as a stream sends it.";
const AS_UTF16 = "It is UTF-16, as some shells write it; a stream is UTF-8.";

for (const [form, note, write] of /** @type {[string, string[], (text: string) => BlobPart][]} */ ([
  ["CRLF", [], (text) => text.replaceAll("\n", "\r\n")],
  ["CR", [], (text) => text.replaceAll("\n", "\r")],
  ["a byte order mark", [], (text) => `\uFEFF${text}`],
  ["UTF-16, little-endian", [AS_UTF16], (text) => utf16(text, true)],
  ["UTF-16, big-endian", [AS_UTF16], (text) => utf16(text, false)],
  ["one event a line", [ONE_A_LINE], (text) => linesOf(text).join("\n")],
  ["one event a line, CRLF", [ONE_A_LINE], (text) => `\uFEFF${linesOf(text).join("\r\n")}\r\n`],
  ["one data line after the other", [ONE_A_LINE], (text) => dataLines(text).join("\n")],
  [
    "one wrapped event a line",
    [ONE_A_LINE],
    (text) =>
      linesOf(text)
        .map((line) => `{"type":"stream_event","event":${line}}`)
        .join("\n"),
  ],
  ["an array of events", [AS_JSON], (text) => `[\n${linesOf(text).join(",\n")}\n]`],
])) {
  test(`every scenario opens from a file with ${form}`, async () => {
    for (const name of names()) {
      const text = textOf(name);
      const { log, notes } = await opened(write(text));
      const found = log.events.map(({ name, data }) => ({ name, data }));
      assert.deepEqual(found, await dataOf(name), name);
      assert.deepEqual(notes, note);
    }
  });
}

/** @param {string} text */
function linesOf(text) {
  return dataLines(text).map((line) => line.slice("data: ".length));
}

test("lines that are no events are seen among those that are", async () => {
  const { log } = await opened('<<<<<<< HEAD\n{"type":"ping"}\n{"type":"future"}\n\n{"type":"mess');
  assert.deepEqual(
    log.events.map(({ name, raw, data }) => [name, raw, data]),
    [
      ["", "data: <<<<<<< HEAD", null],
      ["ping", 'event: ping\ndata: {"type":"ping"}', { type: "ping" }],
      ["future", 'event: future\ndata: {"type":"future"}', { type: "future" }],
      ["", 'data: {"type":"mess', null],
    ],
  );
});

const MESSAGE = { type: "message", content: [], stop_reason: "max_tokens", usage: {} };
const ERROR = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };

for (const [what, parts, sentence] of /** @type {[string, BlobPart[], string][]} */ ([
  ["nothing", [], "The file is empty."],
  ["blank lines", ["\uFEFF \r\n\n"], "The file has nothing but blank lines."],
  [
    "a whole message",
    [JSON.stringify(MESSAGE, null, 2)],
    "The file is a whole message, which ended with max_tokens: a request without streaming gets it, and it has no events to play.",
  ],
  [
    "a message on one line",
    ['{"type":"message","stop_reason":null}\n'],
    "The file is a whole message: a request without streaming gets it, and it has no events to play.",
  ],
  [
    "an error's body",
    [JSON.stringify(ERROR)],
    "The file is an error's body, before any stream: overloaded_error: Overloaded.",
  ],
  ["other JSON", ['{"events":[1]}'], "The file is JSON, but neither events nor a message."],
  ["an array of other JSON", ["[1,null]"], "The file is JSON, but neither events nor a message."],
  [
    "a web page",
    ["\n<!DOCTYPE html><html><head><title>\n Sign in </title>"],
    "The file is a web page (Sign in): a login or a proxy answered instead of the API.",
  ],
  [
    "a web page without a title",
    ["<html><body>502"],
    "The file is a web page: a login or a proxy answered instead of the API.",
  ],
  ["prose", ["Dear diary"], "The file is text without events: it has no data: lines."],
  [
    "an event without its end",
    ["event: ping\ndata: {}\n"],
    "The file has no complete event: a blank line ends each.",
  ],
  [
    "gzip",
    [new Uint8Array([0x1f, 0x8b, 8, 0])],
    "The file is compressed with gzip: unpack it, and open what is in it.",
  ],
  ["a picture", [new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0])], "The file is binary, not text."],
  [
    "text that is not UTF-8",
    [new Uint8Array([0xe4, 0xf6])],
    "The file is text without events: it has no data: lines.",
  ],
])) {
  test(`a file of ${what} is told for what it is`, async () => {
    await assert.rejects(opened(...parts), { message: sentence });
  });
}

test("an error with its head is an answer without a stream", async () => {
  const head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/2 529 \r\nContent-Type: application/json\r\n";
  const { log } = await opened(`${head}\r\n${JSON.stringify(ERROR)}`);
  const { status, type } = log.head ?? {};
  assert.deepEqual([status, type, log.body], [529, "application/json", JSON.stringify(ERROR)]);
});

test("a head is read, and its bytes are not counted", async () => {
  const head = "HTTP/2 200 \r\ncontent-type: text/event-stream\r\ncontent-encoding: br\r\n\r\n";
  const { log, notes } = await opened(head, stream("hello"));
  assert.deepEqual(log.events[0].offset, 0);
  assert.deepEqual(log.head?.headers, { "content-encoding": "br" });
  assert.match(notes[0], /^Its head was read: HTTP 200\./);
});

test("a recording is played at its times, to its end", async () => {
  const body = "event: ping\ndata: {}\n\n";
  const response = { status: 200, headers: { "Content-Type": "text/event-stream" } };
  const json = (/** @type {any} */ more) =>
    new File([JSON.stringify({ response: { ...response, ...more } })], "a.json");
  const log = new EventLog();
  const chunks = [
    [40, 10],
    [90, 12],
  ];
  const found = await read([json({ chunks, end: "drop", gzip: true }), new File([body], "a.sse")]);
  await played(async () => found).open(log);
  assert.deepEqual([log.events[0].at, log.ending?.problem], [90, BROKEN]);
  assert.deepEqual(log.head?.headers, { "content-encoding": "gzip" });
  const other = await read([json({ chunks: [[1, 5]] }), new File([body], "a.sse")]);
  assert.deepEqual(other.notes, ["Its times do not fit its bytes, so they are left out."]);
  assert.equal(
    (await read([json({})])).failure,
    "The file describes a recording: open NAME.sse with it.",
  );
  await assert.rejects(read([json({}), json({}), json({})]), /Open one stream/);
});

test("a file that is far too large is not read", async () => {
  const file = /** @type {File} */ ({ size: 40_000_000 });
  await assert.rejects(saved(file).open(new EventLog()), /larger than 32 MB/);
});
