/** Looking at the journal of a key every other second, and only while somebody can see it. */

const EVERY_MS = 2000;

/**
 * @typedef {object} JournalRequest what the page shows of a request in the journal
 * @property {number} at seconds since 1970
 * @property {number | null} gap_ms
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {number} status
 * @property {string} request_id
 * @property {number} bytes_sent
 * @property {number} event the last event that was sent whole
 * @property {number | null} first_byte_ms
 * @property {"complete" | "left" | "cut" | null} ended null while it is answered
 * @property {number | null} after_ms
 */

/** @returns {Promise<string>} a key that the simulator knows as this page's */
export async function fetchKey() {
  const response = await fetch("/simulator/key.json");
  if (!response.ok) throw new Error(`The site answered ${response.status} for a key.`);
  return (await response.json()).key;
}

export class JournalWatch {
  #key;
  #onRequests;
  #onProblem;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isAsking = false;
  #isOver = false;

  /**
   * @param {string} key
   * @param {(requests: JournalRequest[]) => void} onRequests told after every look
   * @param {(problem: string) => void} onProblem told why there is nothing to see
   */
  constructor(key, onRequests, onProblem) {
    this.#key = key;
    this.#onRequests = onRequests;
    this.#onProblem = onProblem;
  }

  /** Look now, and go on looking. */
  start() {
    document.addEventListener("visibilitychange", () => this.look());
    this.look();
  }

  /** Look at once, and then as often as always. */
  async look() {
    clearTimeout(this.#timer);
    if (document.visibilityState !== "visible" || this.#isAsking || this.#isOver) return;
    this.#isAsking = true;
    try {
      await this.#ask();
    } catch {
      this.#onProblem("The journal could not be read. It is tried again every other second.");
    }
    this.#isAsking = false;
    if (!this.#isOver) this.#timer = setTimeout(() => this.look(), EVERY_MS);
  }

  async #ask() {
    const response = await fetch("/simulator/journal.json?bodies=0", {
      headers: { "x-api-key": this.#key },
    });
    const body = await response.json();
    if (response.ok) {
      this.#onRequests(body.requests);
      return;
    }
    // A site of several processes will not become one: asking again is of no use.
    this.#isOver = response.status === 503;
    this.#onProblem(body.error.message);
  }
}
