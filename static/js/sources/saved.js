/** A source that plays a file: the bytes of a stream that somebody saved. They have no times. */

import { nextTask } from "./plan.js";

// Taking in a file is cut into tasks, to keep the page quick.
const BYTES_A_TASK = 1_000_000;
// A stream of text takes a few hundred kilobytes; whatever is larger is no saved stream.
const MOST_BYTES = 32_000_000;

/**
 * @param {File} file
 * @returns {import("../player/player.js").Source}
 */
export function saved(file) {
  return {
    async open(log) {
      if (file.size > MOST_BYTES) throw new Error("The file is larger than 32 MB.");
      const bytes = new Uint8Array(await file.arrayBuffer());
      for (let start = 0; start < bytes.length; start += BYTES_A_TASK) {
        if (start > 0) await nextTask();
        log.feed(bytes.subarray(start, start + BYTES_A_TASK), 0);
      }
      log.end();
      if (log.events.length === 0) throw new Error("The file holds no server-sent events.");
    },
  };
}
