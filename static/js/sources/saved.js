/**
 * Streams that a visitor brings: a file, a text, or a recording with its description. What is
 * known of the response, such as its head and its times, is played too.
 */

import { isObject, parseJson } from "../protocol/read.js";
import { BROKEN, OPEN } from "../stream/event-log.js";
import { nextTask } from "./plan.js";
import { decoded, headOf, recognized } from "./recognition.js";

/**
 * @typedef {object} About what is known of a response
 * @property {number} status
 * @property {Record<string, string>} headers
 * @property {[number, number][]} [chunks] of the body: milliseconds since the request, and bytes
 * @property {string} [end] whole, drop or open
 * @property {boolean} [gzip] whether it is compressed for clients that accept it
 */

/**
 * @typedef {object} Saved
 * @property {string} name
 * @property {Uint8Array} body as a stream sends it
 * @property {About | null} about
 * @property {string[]} notes how it differs from what a stream sends
 * @property {string} failure what it is, in a sentence, where it has no events to play; else ""
 */

// A body is read in tasks of this many bytes or chunks, between which the page stays responsive.
const BYTES_PER_TASK = 1_000_000;
const CHUNKS_PER_TASK = 500;
const UTF_16 = "It is UTF-16, as some shells write it; a stream is UTF-8.";
// A stream of text has a few hundred kilobytes. A larger file is no saved stream.
const MOST_BYTES = 32_000_000;
// The headers that a client reads beside content-type.
const HEADERS = ["request-id", "retry-after", "x-should-retry", "content-encoding"];
const ENDS = /** @type {Record<string, string>} */ ({ drop: BROKEN, open: OPEN });

/**
 * Throws an error for files that do not go together, and for one that is far too large.
 * @param {File[]} files a stream, or NAME.sse and NAME.json
 * @returns {Promise<Saved>}
 */
export async function read(files) {
  if (files.some(({ size }) => size > MOST_BYTES)) {
    throw new Error("The file is larger than 32 MB.");
  }
  const bodies = await Promise.all(
    files.map(async (file) => new Uint8Array(await file.arrayBuffer())),
  );
  const described = bodies.findIndex((_, index) => /\.json$/i.test(files[index].name));
  if (files.length === 1) return readBytes(bodies[0], files[0].name);
  if (files.length !== 2 || described < 0) {
    throw new Error("Open one stream, or NAME.sse with its NAME.json.");
  }
  const about = aboutIn(parseJson(new TextDecoder().decode(bodies[described])));
  if (!about) throw new Error("The file NAME.json does not describe a recording.");
  return readBytes(bodies[1 - described], files[1 - described].name, about);
}

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 * @param {About | null} [known] what a description says
 * @returns {Saved}
 */
export function readBytes(bytes, name, known = null) {
  /** @type {Saved} */
  const saved = { name, body: bytes, about: known, notes: [], failure: "" };
  try {
    const { text, encoding } = decoded(bytes);
    const head = headOf(text);
    const rest = head ? text.slice(head.length) : text;
    if (head) {
      saved.about ??= { status: head.status, headers: head.headers };
      saved.body = bytes.subarray(new TextEncoder().encode(text.slice(0, head.length)).length);
      saved.notes.push(`Its head was read: HTTP ${head.status}. Bytes are counted from the body.`);
    }
    const isDescribed = known === null && aboutIn(parseJson(rest)) !== null;
    if (isDescribed) throw new Error("The file describes a recording: open NAME.sse with it.");
    const { frames, note } = recognized(rest);
    if (note) saved.notes.push(note);
    if (encoding !== "utf-8") saved.notes.push(UTF_16);
    if (frames || encoding !== "utf-8") {
      saved.body = new TextEncoder().encode(frames?.join("") ?? rest);
    }
  } catch (error) {
    saved.failure = error instanceof Error ? error.message : String(error);
  }
  const size = (saved.about?.chunks ?? []).reduce((sum, [, count]) => sum + count, 0);
  if (saved.about?.chunks && size !== saved.body.length) {
    saved.notes.push("Its times do not fit its bytes, so they are left out.");
    saved.about = { ...saved.about, chunks: undefined };
  }
  return saved;
}

/**
 * What a description says of a response; null where it is none.
 * @param {any} value
 * @returns {About | null}
 */
export function aboutIn(value) {
  const { status, headers, chunks, end, gzip } = value?.response ?? {};
  if (!Number.isInteger(status) || !isObject(headers)) return null;
  const isPair = (/** @type {any} */ one) =>
    Array.isArray(one) && one.length === 2 && one.every(isSize);
  const times = Array.isArray(chunks) && chunks.every(isPair) ? chunks : undefined;
  const texts = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), String(text)]);
  return {
    status,
    headers: Object.fromEntries(texts),
    chunks: times,
    end: String(end),
    gzip: gzip === true,
  };
}

/** @param {unknown} value */
function isSize(value) {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

/**
 * A source that plays what was read. Without events it cannot be opened: an error says what it is.
 * @param {() => Promise<Saved>} getSaved
 * @returns {import("../player/player.js").Source}
 */
export function played(getSaved) {
  return {
    async open(log) {
      const { body, about, failure } = await getSaved();
      if (failure && !about) throw new Error(failure);
      if (about) log.begin(headIn(about, failure === ""));
      let start = 0;
      for (const [index, [at, size]] of (about?.chunks ?? inTasks(body.length)).entries()) {
        const isLong = size === BYTES_PER_TASK || index % CHUNKS_PER_TASK === CHUNKS_PER_TASK - 1;
        if (start > 0 && isLong) await nextTask();
        log.feed(body.subarray(start, start + size), at);
        start += size;
      }
      log.end(ENDS[about?.end ?? ""] ?? null);
      if (log.events.length === 0 && !about) {
        throw new Error("The file has no complete event: a blank line ends each.");
      }
    },
  };
}

/**
 * A source that plays one file.
 * @param {File} file
 * @param {(note: string) => void} [onNote] called with what is particular about the file's form
 */
export function saved(file, onNote) {
  return played(async () => {
    const found = await read([file]);
    if (!found.failure) for (const note of found.notes) onNote?.(note);
    return found;
  });
}

/**
 * @param {About} about
 * @param {boolean} hasEvents
 * @returns {import("../stream/event-log.js").Head}
 */
function headIn({ status, headers, gzip }, hasEvents) {
  const found = HEADERS.filter((name) => headers[name]).map((name) => [name, headers[name]]);
  const told = { ...Object.fromEntries(found), ...(gzip ? { "content-encoding": "gzip" } : {}) };
  return { status, type: headers["content-type"] ?? "", headers: told, hasEvents };
}

/**
 * @param {number} size
 * @returns {[number, number][]} a body without times, in chunks that a task can read
 */
function inTasks(size) {
  const count = Math.ceil(size / BYTES_PER_TASK);
  return Array.from({ length: count }, () => [0, BYTES_PER_TASK]);
}
