/** Asks the site for the same again and again, while the page is visible. */

/**
 * @typedef {object} Asking
 * @property {number} everyMs
 * @property {() => Promise<Response>} ask
 * @property {(told: any) => void} onTold called with every answer, as JSON
 * @property {(problem: string) => void} onProblem called with the reason why there is none
 * @property {number[]} final statuses after which asking again would change nothing
 * @property {string} failed what to tell where no answer came
 */

export class Polling {
  #asking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isInFlight = false;
  #isOver = false;

  /** @param {Asking} asking */
  constructor(asking) {
    this.#asking = asking;
  }

  /** Ask now, and then at each interval. */
  start() {
    document.addEventListener("visibilitychange", () => this.read());
    this.read();
  }

  /** Ask now. The next time is an interval later. */
  async read() {
    clearTimeout(this.#timer);
    if (document.visibilityState !== "visible" || this.#isInFlight || this.#isOver) return;
    this.#isInFlight = true;
    const { everyMs, ask, onTold, onProblem, final, failed } = this.#asking;
    try {
      const response = await ask();
      const told = await response.json();
      if (response.ok) {
        onTold(told);
      } else {
        this.#isOver = final.includes(response.status);
        onProblem(told.error.message);
      }
    } catch {
      onProblem(failed);
    }
    this.#isInFlight = false;
    if (!this.#isOver) this.#timer = setTimeout(() => this.read(), everyMs);
  }
}
