/**
 * How long each move of the player takes.
 *
 * The slider's unit is milliseconds a character. In typewriter mode that is meant
 * literally; in as-sent mode it scales the stream's own times, 30 being real time.
 */

/** @typedef {"typewriter" | "sent"} Mode */

export const REAL_TIME = 30;

// A typewriter's reader has no use for a long silence; as-sent mode keeps it whole.
const LONGEST_TYPEWRITER_WAIT = 600;

/**
 * The time before an event is released.
 * @param {Mode} mode
 * @param {number} speed milliseconds a character
 * @param {number} gap milliseconds between the event and the one before it on the wire
 * @param {boolean} isText whether the event brings text, which the typewriter types
 */
export function waitBefore(mode, speed, gap, isText) {
  const scale = speed / REAL_TIME;
  if (mode === "sent") return gap * scale;
  return isText ? 0 : Math.min(gap, LONGEST_TYPEWRITER_WAIT) * scale;
}
