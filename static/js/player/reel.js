/** The events of one stream, in the order and at the times at which their bytes came. */

import { SseParser } from "../sse/parser.js";

/**
 * @typedef {object} WireEvent
 * @property {number} at milliseconds since the request
 * @property {string} name the `event:` field, or the data's type where there is none
 * @property {string} raw the frame's lines
 * @property {import("../protocol/message.js").WireObject | null} data null: not a JSON object
 */

/**
 * @typedef {object} Ending
 * @property {string | null} problem what broke the connection; null for a clean end
 * @property {string} dropped the text of an event that no blank line ended
 */

export class Reel {
  /** @type {WireEvent[]} */
  events = [];
  /** @type {Ending | null} null while more may come */
  ending = null;
  #at = 0;
  #parser = new SseParser((frame) => {
    const data = parseObject(frame.data);
    const name = frame.name || String(data?.type ?? "");
    this.events.push({ at: this.#at, name, raw: frame.raw, data });
  });

  /**
   * @param {Uint8Array} bytes the next bytes of the body
   * @param {number} at milliseconds since the request
   */
  feed(bytes, at) {
    this.#at = at;
    this.#parser.feed(bytes);
  }

  /** @param {string | null} [problem] what broke the connection, if anything did */
  end(problem = null) {
    this.ending = { problem, dropped: this.#parser.end() };
  }
}

/**
 * @param {string} text
 * @returns {import("../protocol/message.js").WireObject | null}
 */
function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
