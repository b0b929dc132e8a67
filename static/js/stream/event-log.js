/** The events of one stream, in the order and at the times at which their bytes came. */

import { isObject, stringIn } from "../protocol/read.js";
import { SseParser } from "../sse/parser.js";

/**
 * @typedef {object} WireEvent
 * @property {number} at milliseconds since the request
 * @property {string} name the `event:` field, or the data's type where there is none
 * @property {string} raw the frame's lines
 * @property {import("../protocol/message.js").WireObject | null} data null: not a JSON object
 */

/**
 * @typedef {object} Head how a response began
 * @property {number} status
 * @property {string} type the content-type, "" where there is none
 * @property {Record<string, string>} [headers] others that a client looks at, by lower-case name
 */

/**
 * @typedef {object} Ending
 * @property {string | null} problem what broke the connection; null for a clean end
 * @property {string} dropped the text of an event that no blank line ended
 * @property {number} at milliseconds since the request
 */

// What can end a stream beside its own end: the words for it are the same wherever it came from.
export const UNANSWERED = "no answer";
export const BROKEN = "connection cut";
export const STOPPED = "you stopped it";
export const TOO_LONG = "an event of more than 32 MB";

// Far more than the longest answers have: whatever follows is not read, and told.
const MOST_EVENTS = 250_000;
// A body that is no stream is an error or a page; more than this of one is of no use.
const MOST_BODY = 1_000_000;

export class EventLog {
  /** @type {WireEvent[]} */
  events = [];
  /** @type {Head | null} null while no response has begun, and where nobody said how it did */
  head = null;
  /** The body as text, where it is no stream of events. */
  body = "";
  /** How many bytes came, and in how many pieces. */
  bytes = 0;
  pieces = 0;
  /** How many events came after as many as are kept. */
  excess = 0;
  /** @type {Ending | null} null while more may come */
  ending = null;
  #at = 0;
  #decoder = new TextDecoder();
  #parser = new SseParser((frame) => {
    if (this.events.length === MOST_EVENTS) {
      this.excess += 1;
      return;
    }
    const data = dataOf(frame);
    const name = frame.name || stringIn(data?.type);
    this.events.push({ at: this.#at, name, raw: frame.raw, data });
  });

  /** Whether the body is a stream of events, or will be one. */
  get isStream() {
    return this.head === null || isStream(this.head);
  }

  /** @param {Head} head the response has begun */
  begin(head) {
    this.head = head;
  }

  /**
   * @param {Uint8Array} bytes the next bytes of the body
   * @param {number} at milliseconds since the request
   */
  feed(bytes, at) {
    this.#at = at;
    this.bytes += bytes.length;
    this.pieces += 1;
    if (!this.isStream) {
      if (this.body.length < MOST_BODY) this.body += this.#decoder.decode(bytes, { stream: true });
      return;
    }
    this.#parser.feed(bytes);
    if (this.#parser.isTooLong) this.end(TOO_LONG, at);
  }

  /**
   * The first end is the one that counts.
   * @param {string | null} [problem] what broke the connection, if anything did
   * @param {number} [at] milliseconds since the request; the last piece's without it
   */
  end(problem = null, at = this.#at) {
    this.ending ??= { problem, dropped: this.#parser.end(), at };
  }
}

/** @param {Head} head */
function isStream({ status, type }) {
  return status >= 200 && status < 300 && type.startsWith("text/event-stream");
}

/**
 * Data without a type has that of its event line; an error is one, whatever its data.
 * @param {import("../sse/parser.js").Frame} frame
 * @returns {import("../protocol/message.js").WireObject | null}
 */
function dataOf({ name, data }) {
  const value = parsed(data);
  if (isObject(value)) return name && !stringIn(value.type) ? { ...value, type: name } : value;
  return name === "error" ? { type: name, error: value ?? data } : null;
}

/**
 * @param {string} text
 * @returns {unknown} undefined where the text is not JSON
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
