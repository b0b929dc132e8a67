/** A source that plays a saved file: the bytes of a stream, without their times. */

import { nextTask } from "./plan.js";

// A file is read in tasks of this many bytes, between which the page stays responsive.
const BYTES_PER_TASK = 1_000_000;
// A stream of text has a few hundred kilobytes. A larger file is no saved stream.
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
      for (let start = 0; start < bytes.length; start += BYTES_PER_TASK) {
        if (start > 0) await nextTask();
        log.feed(bytes.subarray(start, start + BYTES_PER_TASK), 0);
      }
      log.end();
      if (log.events.length === 0) throw new Error("The file holds no server-sent events.");
    },
  };
}
