/** A wait in words. */

/** @param {number} seconds */
export function waitText(seconds) {
  if (seconds < 60) return counted(seconds, "second");
  // Rather a minute too late than one too early.
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return counted(minutes, "minute");
  const rest = minutes % 60;
  const hours = counted(Math.floor(minutes / 60), "hour");
  return rest === 0 ? hours : `${hours} ${counted(rest, "minute")}`;
}

/**
 * When the wait is over, by the visitor's clock.
 * @param {number} seconds
 * @param {Date} now
 */
export function clockTime(seconds, now) {
  const then = new Date(now.getTime() + Math.ceil(seconds / 60) * 60_000);
  return `${two(then.getHours())}:${two(then.getMinutes())}`;
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, "0");
}

/**
 * @param {number} count
 * @param {string} unit
 */
function counted(count, unit) {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
