/** Reads the journal of a key every other second, while its page is visible. */

import { Polling } from "../polling.js";

const EVERY_MS = 2000;

/**
 * @typedef {object} JournalRequest what the page shows of a request in the journal
 * @property {number} at seconds since 1970
 * @property {string} request_id
 * @property {number | null} gap_ms
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {number} status
 * @property {number} event the last event that was sent whole
 * @property {"complete" | "left" | "cut" | null} ended null while the response is in flight
 * @property {number | null} after_ms
 */

/** @typedef {import("../views/verdicts.js").Verdict} Verdict */

/** @returns {Promise<string>} a key of which the simulator keeps the requests for this page */
export async function fetchKey() {
  const response = await fetch("/simulator/key.json");
  if (!response.ok) throw new Error(`The site answered ${response.status} for a key.`);
  return (await response.json()).key;
}

/**
 * What the requests of a key show about their client.
 * @param {string} key
 * @returns {Promise<Verdict[]>}
 */
export async function fetchVerdicts(key) {
  const response = await fetch("/simulator/verdicts.json", { headers: { "x-api-key": key } });
  if (!response.ok) throw new Error(`The site answered ${response.status} for verdicts.`);
  return (await response.json()).verdicts;
}

export class JournalWatch {
  #polling;

  /**
   * @param {string} key
   * @param {(requests: JournalRequest[]) => void} onRequests called after every reading
   * @param {(problem: string) => void} onProblem called with the reason why there is none
   */
  constructor(key, onRequests, onProblem) {
    const headers = { "x-api-key": key };
    this.#polling = new Polling({
      everyMs: EVERY_MS,
      ask: () => fetch("/simulator/journal.json?bodies=0", { headers }),
      onTold: ({ requests }) => onRequests(requests),
      onProblem,
      // A site of several processes never has a journal.
      final: [503],
      failed: "The journal could not be read. It is tried again every other second.",
    });
  }

  /** Read now, and every other second. */
  start() {
    this.#polling.start();
  }

  /** Read now. The next reading follows two seconds later. */
  read() {
    return this.#polling.read();
  }
}
