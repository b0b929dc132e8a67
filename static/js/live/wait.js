/** A wait in words. */

import { counted } from "../protocol/read.js";

/** @param {number} seconds */
export function waitText(seconds) {
  if (seconds < 60) return counted(seconds, "second");
  // Rounded up: a retry a minute too early would fail.
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return counted(minutes, "minute");
  const rest = minutes % 60;
  const hours = counted(Math.floor(minutes / 60), "hour");
  return rest === 0 ? hours : `${hours} ${counted(rest, "minute")}`;
}

/**
 * When the wait is over, by the visitor's clock: "17:42".
 * @param {number} seconds
 * @param {Date} now
 */
export function clockTime(seconds, now) {
  const then = new Date(now.getTime() + Math.ceil(seconds / 60) * 60_000);
  return then.toTimeString().slice(0, 5);
}
