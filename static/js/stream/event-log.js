/** The events of one stream, in their order, with the times at which their bytes were received. */

import { isObject, objectIn, parseJson, stringIn } from "../protocol/read.js";
import { SseParser } from "../sse/parser.js";

/** @typedef {import("../protocol/message.js").WireObject} WireObject */

/**
 * @typedef {object} WireEvent
 * @property {number} at milliseconds since the request
 * @property {string} name the `event:` field, or the data's type where there is none
 * @property {boolean} isNamed whether there is an `event:` field
 * @property {string} raw the frame's lines
 * @property {number} offset how many bytes of the body stand before the frame
 * @property {WireObject | null} data null: not a JSON object
 */

/**
 * @typedef {object} Head how a response began
 * @property {number} status
 * @property {string} type the content-type, "" where there is none
 * @property {Record<string, string>} [headers] others that a client reads, by lower-case name
 * @property {boolean} [hasEvents] whether the body is read as events whatever the type
 */

/**
 * @typedef {object} BodyEnd
 * @property {string | null} problem what ended the connection; null for a body that is complete
 * @property {string} dropped the text of an event that no blank line ended
 * @property {number} offset how many bytes of the body stand before that, or in the whole of it
 * @property {number} at milliseconds since the request
 */

// The problems that can end a body. Every source uses the same words, which the page shows.
export const UNANSWERED = "no answer";
export const BROKEN = "connection cut";
export const STOPPED = "you stopped it";
export const LEFT = "the client left";
export const OPEN = "nothing more came";
export const TOO_LONG = "an event of more than 32 MB";

// Far more than the longest answers have. Further events are counted, but not kept.
const MOST_EVENTS = 250_000;
// A body that is no stream is an error or a web page, of which the beginning is enough.
const MOST_BODY = 1_000_000;

export class EventLog {
  /** @type {WireEvent[]} */
  events = [];
  /** @type {Head | null} null before the response has begun, and where a source has no response */
  head = null;
  /** The body as text, where it is no stream of events. */
  body = "";
  /** How many bytes were received, and in how many chunks. */
  bytes = 0;
  pieces = 0;
  /** How many events were received beyond those that are kept. */
  excess = 0;
  /** @type {number | null} milliseconds between two events, or from the last one to the end */
  largestGap = null;
  /** @type {{name: string, offset: number}[]} the first frames with a name and without data */
  nameOnly = [];
  /** @type {BodyEnd | null} null while more can be received */
  ending = null;
  #at = 0;
  #decoder = new TextDecoder();
  #parser = new SseParser((frame) => {
    const { raw, offset } = frame;
    if (frame.data === null) {
      if (this.nameOnly.length < MOST_EVENTS) this.nameOnly.push({ name: frame.name, offset });
      return;
    }
    if (this.events.length === MOST_EVENTS) {
      this.excess += 1;
      return;
    }
    const data = dataOf(frame);
    const name = frame.name || stringIn(data?.type);
    this.#measureGap(this.#at);
    const isNamed = frame.name !== "";
    this.events.push({ at: this.#at, name, isNamed, raw, offset, data });
  });

  /** Whether the body is a stream of events. Before the response has begun, it may be one. */
  get isStream() {
    if (this.head === null) return true;
    return this.head.hasEvents || announcesStream(this.head);
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
   * The body has ended. Only the first call counts.
   * @param {string | null} [problem] what ended the connection; null for a body that is complete
   * @param {number} [at] milliseconds since the request; by default the time of the last chunk
   */
  end(problem = null, at = this.#at) {
    if (this.ending !== null) return;
    this.ending = { problem, dropped: this.#parser.end(), offset: this.#parser.offset, at };
    this.#measureGap(at);
  }

  /** @param {number} at */
  #measureGap(at) {
    const last = this.events.at(-1);
    if (last) this.largestGap = Math.max(this.largestGap ?? 0, at - last.at);
  }
}

/**
 * Whether a response says that it is a stream of events.
 * @param {Head} head
 */
export function announcesStream({ status, type }) {
  return status >= 200 && status < 300 && /^text\/event-stream/i.test(type);
}

/**
 * Data without a type has that of its event line; an error event is an error with any data.
 * @param {Pick<import("../sse/parser.js").Frame, "name" | "data">} frame
 * @returns {WireObject | null} null: no data, or data that is no JSON object
 */
export function dataOf({ name, data }) {
  if (data === null) return null;
  const value = parseJson(data);
  if (name === "error" || value?.type === "error") {
    const error = isObject(value) ? (value.error ?? value) : (value ?? data);
    return { ...objectIn(value), type: "error", error };
  }
  if (!isObject(value)) return null;
  return name && typeof value.type !== "string" ? { ...value, type: name } : value;
}
