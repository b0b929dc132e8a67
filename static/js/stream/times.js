/** When a stream's first event came, and the longest that one was waited for after that. */

export class Times {
  /** @type {number | null} milliseconds since the request */
  firstEvent = null;
  /** @type {number | null} milliseconds between two events, or the last one and the end */
  largestGap = null;
  #seen = 0;
  #before = 0;

  /**
   * Take in what has come since the last look.
   * @param {import("../stream/event-log.js").EventLog} log always the same one
   */
  follow({ events, ending }) {
    for (; this.#seen < events.length; this.#seen += 1) this.#came(events[this.#seen].at);
    if (ending !== null && this.firstEvent !== null) this.#came(ending.at);
  }

  /** @param {number} at */
  #came(at) {
    if (this.firstEvent === null) this.firstEvent = at;
    else this.largestGap = Math.max(this.largestGap ?? 0, at - this.#before);
    this.#before = at;
  }
}
