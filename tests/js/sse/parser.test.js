import assert from "node:assert/strict";
import { test } from "node:test";
import { SseParser } from "../../../static/js/sse/parser.js";
import { names, stream } from "../goldens.js";

/** @typedef {import("../../../static/js/sse/parser.js").Frame} Frame */

const encoder = new TextEncoder();

/**
 * @param {Uint8Array[]} chunks
 * @returns {{frames: Frame[], dropped: string}}
 */
function parse(chunks) {
  /** @type {Frame[]} */
  const frames = [];
  const parser = new SseParser((frame) => frames.push(frame));
  for (const chunk of chunks) parser.feed(chunk);
  return { frames, dropped: parser.end() };
}

/** @param {string[]} texts */
function parseTexts(...texts) {
  return parse(texts.map((text) => encoder.encode(text)));
}

/**
 * Every way to cut the bytes in two.
 * @param {Uint8Array} bytes
 */
function* cuts(bytes) {
  for (let place = 0; place <= bytes.length; place += 1) {
    yield [bytes.slice(0, place), bytes.slice(place)];
  }
}

test("every stream is read whole: its frames' lines are its bytes", () => {
  for (const name of names()) {
    const bytes = stream(name);
    const { frames, dropped } = parse([bytes]);
    assert.equal(frames.map(({ raw }) => `${raw}\n\n`).join(""), decode(bytes), name);
    assert.equal(dropped, "");
  }
});

test("every stream is read the same, one byte at a time", () => {
  for (const name of names()) {
    const bytes = stream(name);
    const single = [...bytes].map((byte) => Uint8Array.of(byte));
    assert.deepEqual(parse(single), parse([bytes]), name);
  }
});

// Cutting a stream in two at every byte takes time by the square of its length.
const SHORT = names().filter((name) => stream(name).length < 5000);

test("short streams are read the same, cut in two at every byte", () => {
  assert.ok(SHORT.length >= 5);
  for (const name of SHORT) {
    const bytes = stream(name);
    const whole = JSON.stringify(parse([bytes]));
    for (const chunks of cuts(bytes)) assert.equal(JSON.stringify(parse(chunks)), whole, name);
  }
});

/** @param {Uint8Array} bytes */
function decode(bytes) {
  return new TextDecoder().decode(bytes);
}

const ODD = encoder.encode(
  '\uFEFF: comment\r\nevent: a\r\ndata: {"x":"é👩‍👩‍👧"}\r\n\r\nevent:b\rdata:1\rdata: 2\r\r' +
    "data\n\nevent: empty\n\nid: 7\nretry: 5\nother\ndata:  two spaces\n\n",
);

test("line ends, comments, fields and a byte order mark are read as the standard says", () => {
  const { frames, dropped } = parse([ODD]);
  assert.equal(dropped, "");
  assert.deepEqual(
    frames.map(({ name, data }) => [name, data]),
    [
      ["a", '{"x":"é👩‍👩‍👧"}'],
      ["b", "1\n2"],
      ["", ""],
      ["empty", null],
      ["", " two spaces"],
    ],
  );
});

test("odd streams are read the same, cut at every byte", () => {
  const whole = parse([ODD]);
  for (const chunks of cuts(ODD)) assert.deepEqual(parse(chunks), whole);
});

test("a frame is dispatched with its blank line, not later", () => {
  for (const end of ["\n\n", "\r\r", "\r\n\r\n"]) {
    /** @type {Frame[]} */
    const frames = [];
    new SseParser((frame) => frames.push(frame)).feed(encoder.encode(`data: 1${end}`));
    assert.equal(frames.length, 1, JSON.stringify(end));
  }
});

test("frames have the places of their first bytes, wherever the bytes are divided", () => {
  for (const chunks of cuts(ODD)) {
    const { frames } = parse(chunks);
    assert.deepEqual(
      frames.map(({ offset }) => decode(ODD.subarray(offset, offset + 9)).replaceAll("\r", "\n")),
      [": comm", "event:b\nd", "data\n\neve", "event: em", "id: 7\nret"],
    );
  }
});

test("what no blank line ends is dropped, and told", () => {
  assert.deepEqual(parseTexts("data: 1\n\nevent: b\ndata: 2"), {
    frames: [{ name: "", data: "1", raw: "data: 1", offset: 0 }],
    dropped: "event: b\ndata: 2",
  });
});

test("bytes that are not UTF-8 become replacement characters and end nothing", () => {
  const bytes = Uint8Array.of(...encoder.encode("data: a"), 0xff, ...encoder.encode("b\n\n"));
  assert.deepEqual(
    parse([bytes]).frames.map(({ data }) => data),
    ["a\uFFFDb"],
  );
});

test("an empty chunk between a CR and its LF ends no line", () => {
  const chunks = ["data: 1\r", "", "\ndata: 2\n\n"].map((text) => encoder.encode(text));
  assert.deepEqual(
    parse(chunks).frames.map(({ data }) => data),
    ["1\n2"],
  );
});

test("an event beyond 32 MB is given up, however small its pieces and however many its lines", () => {
  for (const piece of ["x".repeat(1_000_000), `data: ${"x".repeat(999_993)}\n`]) {
    /** @type {Frame[]} */
    const frames = [];
    const parser = new SseParser((frame) => frames.push(frame));
    parser.feed(encoder.encode("data: 1\n\n"));
    const bytes = encoder.encode(piece);
    for (let count = 0; count < 32; count += 1) parser.feed(bytes);
    assert.equal(parser.isTooLong, false);
    parser.feed(bytes);
    assert.equal(parser.isTooLong, true);
    parser.feed(encoder.encode("\n\ndata: 2\n\n"));
    assert.deepEqual(frames, [{ name: "", data: "1", raw: "data: 1", offset: 0 }]);
    assert.deepEqual([parser.end(), parser.offset], ["", 9]);
  }
});

test("a line is read in time by its length, not by its length times its pieces", () => {
  /** @type {Frame[]} */
  const frames = [];
  const parser = new SseParser((frame) => frames.push(frame));
  parser.feed(encoder.encode("data:"));
  const piece = encoder.encode("0123456789");
  for (let count = 0; count < 300_000; count += 1) parser.feed(piece);
  parser.feed(encoder.encode("\n\n"));
  assert.equal(frames[0].data?.length, 3_000_000);
});
