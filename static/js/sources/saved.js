/** A source that plays a saved file: the events of a stream, without their times. */

import { nextTask } from "./plan.js";
import { decoded, recognized } from "./recognition.js";

// A file is read in tasks of this many bytes, between which the page stays responsive.
const BYTES_PER_TASK = 1_000_000;
const UTF_16 = "It is UTF-16, as some shells write it; a stream is UTF-8.";
// A stream of text has a few hundred kilobytes. A larger file is no saved stream.
const MOST_BYTES = 32_000_000;

/**
 * A file without events is refused with a sentence that says what it is.
 * @param {File} file
 * @param {(note: string) => void} [onNote] called with what is particular about the file's form
 * @returns {import("../player/player.js").Source}
 */
export function saved(file, onNote) {
  return {
    async open(log) {
      if (file.size > MOST_BYTES) throw new Error("The file is larger than 32 MB.");
      const received = new Uint8Array(await file.arrayBuffer());
      const { text, encoding } = decoded(received);
      const { frames, note } = recognized(text);
      if (note) onNote?.(note);
      if (encoding !== "utf-8") onNote?.(UTF_16);
      const isAsSent = frames === null && encoding === "utf-8";
      const bytes = isAsSent ? received : new TextEncoder().encode(frames?.join("") ?? text);
      for (let start = 0; start < bytes.length; start += BYTES_PER_TASK) {
        if (start > 0) await nextTask();
        log.feed(bytes.subarray(start, start + BYTES_PER_TASK), 0);
      }
      log.end();
      if (log.events.length === 0) {
        throw new Error("The file has no complete event: a blank line ends each.");
      }
    },
  };
}
