/** Reading values that a stream brought: what is expected, or what stands for nothing. */

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value */
export function objectIn(value) {
  return isObject(value) ? value : {};
}

/** @param {unknown} value */
export function stringIn(value) {
  return typeof value === "string" ? value : "";
}

/**
 * A count, such as one of tokens: finite and not negative.
 * @param {unknown} value
 * @returns {number | null}
 */
export function countIn(value) {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

/**
 * What a table has under a name. What every object has, such as "constructor", is not in it.
 * @template T
 * @param {Record<string, T>} table
 * @param {unknown} name
 * @returns {T | undefined}
 */
export function entryIn(table, name) {
  return typeof name === "string" && Object.hasOwn(table, name) ? table[name] : undefined;
}

/**
 * Text for a line of the page, of which nobody reads the end.
 * @param {string} text
 */
export function short(text, most = 120) {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/**
 * A text that ends as a sentence does: browsers' messages of errors have no full stop.
 * @param {unknown} text
 */
export function sentence(text) {
  const trimmed = String(text).trim();
  return /[.!?…]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}

/**
 * How many characters there are, without a list of them.
 * @param {string} text
 */
export function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * A value as JSON.
 * @param {unknown} value
 * @param {number} [indent]
 */
export function jsonOf(value, indent) {
  try {
    return JSON.stringify(value, null, indent);
  } catch {
    // JSON.parse takes any depth, JSON.stringify does not.
    return "Too deeply nested to be shown.";
  }
}

/**
 * @param {string} text
 * @returns {any} undefined where the text is not JSON
 */
export function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A count and its unit: "1 byte", "2,000 bytes".
 * @param {number} count
 * @param {string} unit
 */
export function counted(count, unit) {
  return `${count.toLocaleString("en")} ${unit}${count === 1 ? "" : "s"}`;
}
