/**
 * The player's pace.
 *
 * The slider's unit is milliseconds per character. The typewriter types at this pace; as sent, it
 * scales the stream's own times, and 30 is real time.
 */

/** @typedef {"typewriter" | "sent"} Mode */

export const REAL_TIME = 30;

// A long silence is of no use to a typewriter's reader. As sent, it is kept.
const LONGEST_TYPEWRITER_WAIT = 600;

/**
 * The milliseconds before an event is released.
 * @param {Mode} mode
 * @param {number} speed milliseconds per character
 * @param {number} gap milliseconds between the event and the one before it on the wire
 * @param {boolean} isText whether the event has text, which the typewriter types
 */
export function waitBefore(mode, speed, gap, isText) {
  const scale = speed / REAL_TIME;
  if (mode === "sent") return gap * scale;
  return isText ? 0 : Math.min(gap, LONGEST_TYPEWRITER_WAIT) * scale;
}
