import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { assemble } from "../../../static/js/protocol/message.js";
import { parseJson } from "../../../static/js/protocol/read.js";
import { findings } from "../../../static/js/stream/diagnostics.js";
import { EventLog } from "../../../static/js/stream/event-log.js";

const FOLDER = new URL("../../../content/corpus/", import.meta.url);
const TABLE = { events: {}, deltas: {}, blocks: {}, stop_reasons: {}, errors: {} };
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * What the page's modules read in a stream, fed so many bytes at a time.
 * @param {string} name
 * @param {any} response
 * @param {number} size
 */
function readWithPage(name, { status, headers }, size) {
  const log = new EventLog();
  log.begin({ status, type: headers["content-type"] ?? "" });
  const bytes = new Uint8Array(readFileSync(new URL(`${name}.sse`, FOLDER)));
  for (let at = 0; at < bytes.length; at += size) log.feed(bytes.subarray(at, at + size), 0);
  log.end();
  const assembly = assemble(log.events);
  const found = findings(log, /** @type {any} */ (TABLE), assembly);
  const blocks = parseJson(JSON.stringify(assembly.blocks, wellFormed));
  return {
    text: blocks
      .filter((/** @type {any} */ { type }) => type === "text")
      .map((/** @type {any} */ { text }) => text)
      .join(""),
    blocks,
    stop_reason: assembly.message?.stop_reason ?? null,
    usage: assembly.message?.usage ?? {},
    complete: found[0].kind === "complete",
    error: found.map(({ title, text }) => `${title}: ${text}`).join("\n"),
  };
}

/**
 * @param {string} _
 * @param {any} value
 */
function wellFormed(_, value) {
  return typeof value === "string" ? decoder.decode(encoder.encode(value)) : value;
}

const cases = readdirSync(FOLDER).filter((name) => name.endsWith(".sse"));

test("the corpus is there", () => assert.ok(cases.length >= 60));

for (const file of cases) {
  const name = file.slice(0, -".sse".length);
  const { response, expected } = parseJson(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
  for (const size of [1, 7, 4096]) {
    test(`${name}: ${expected.rules.join(", ")} (${size} bytes at a time)`, () => {
      const { error, ...read } = readWithPage(name, response, size);
      const { error: words, ...rest } = expected;
      const wanted = Object.fromEntries(Object.keys(read).map((key) => [key, rest[key]]));
      assert.deepEqual(read, wanted);
      assert.ok(error.includes(words ?? ""), `${words} is not told in: ${error}`);
    });
  }
}
