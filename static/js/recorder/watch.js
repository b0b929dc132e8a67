/** Reads what the recorder has kept, every second while the page is visible. */

import { Polling } from "../polling.js";

const EVERY_MS = 1000;

/**
 * @typedef {object} RecordedRequest what the page shows of a request and its answer
 * @property {string} name
 * @property {number} at seconds since 1970
 * @property {string} first the name of the first of those that are the same
 * @property {number} attempt counted from 1
 * @property {{method: string, path: string, headers: Record<string, string>, body_bytes: number,
 *   model?: string, stream?: boolean}} about
 * @property {number} status 0 before there is one
 * @property {Record<string, string>} headers
 * @property {number} size bytes of the body so far
 * @property {"complete" | "left" | "cut" | "unreachable" | null} ended null while it is in flight
 * @property {number | null} after_ms milliseconds from the request to the end
 * @property {string} note why there is no recording
 * @property {boolean} saved whether the folder has it
 * @property {boolean} can_open whether its bytes are kept
 * @property {boolean} [is_stream] the rest is there once the answer has begun
 * @property {boolean} [has_stopped] whether message_stop was received
 * @property {number} [events]
 * @property {[number, string, number][]} [ticks] the events: milliseconds, type, characters
 * @property {number | null} [first_event_ms]
 * @property {number | null} [first_word_ms]
 * @property {number | null} [largest_gap_ms]
 * @property {string} [text] the beginning
 * @property {string} [error]
 * @property {string} [encoding] "" where the body is not compressed
 * @property {string | null} [model]
 * @property {string | null} [stop_reason]
 * @property {Record<string, any>} [usage]
 * @property {number | null} [counted] what count_tokens answered
 * @property {number | null} [cost] US dollars
 */

/**
 * @typedef {object} Told
 * @property {RecordedRequest[]} requests all that are kept, the oldest first
 * @property {string} problem why the folder has not got all of them; "" where it has
 */

export class RecorderWatch {
  #onTold;
  #onProblem;
  #polling;
  /** @type {Map<string, RecordedRequest>} */
  #known = new Map();
  #serial = 0;

  /**
   * @param {(told: Told) => void} onTold called after every reading
   * @param {(problem: string) => void} onProblem called with the reason why there is none
   */
  constructor(onTold, onProblem) {
    this.#onTold = onTold;
    this.#onProblem = onProblem;
    this.#polling = new Polling({
      everyMs: EVERY_MS,
      ask: () => fetch(`/recordings.json?after=${this.#serial}`),
      onTold: (told) => this.#take(told),
      onProblem,
      // Neither who may read it changes, nor the number of processes.
      final: [403, 503],
      failed: "The recorder could not be read. It is tried again every second.",
    });
  }

  /** Read now, and every second. */
  start() {
    this.#polling.start();
  }

  /** Forget on the server what has ended. */
  async clear() {
    const response = await fetch("/recordings", { method: "DELETE" });
    if (!response.ok) this.#onProblem((await response.json()).error.message);
    await this.#polling.read();
  }

  /** @param {{serial: number, names: string[], requests: RecordedRequest[], problem: string}} told */
  #take({ serial, names, requests, problem }) {
    // A site that was started again counts from the beginning.
    if (serial < this.#serial) {
      this.#serial = 0;
      this.#known.clear();
      return;
    }
    this.#serial = serial;
    for (const request of requests) this.#known.set(request.name, request);
    const kept = names.map((name) => this.#known.get(name)).filter((one) => one !== undefined);
    this.#known = new Map(kept.map((one) => [one.name, one]));
    this.#onTold({ requests: kept, problem });
  }
}
