// Reads JSON that is not finished: what is there so far, an unfinished string included.

// #region parse
/**
 * The value so far; undefined while there is none, or if the text can never become JSON.
 * @param {string} text
 */
export function parsePartial(text) {
  /** @type {string[]} */
  const closing = []; // what ends the open brackets, the innermost first
  let inString = false;
  let cut = text.length; // where an escape that is not whole begins
  let safe = ""; // the text up to the last whole value, closed
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place];
    if (inString && character === "\\") {
      const end = place + (text[place + 1] === "u" ? 5 : 1);
      if (end >= text.length) cut = place;
      place = end;
    } else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === ",") safe = text.slice(0, place) + closing.join("");
    else if (character === "{" || character === "[") {
      closing.unshift(character === "{" ? "}" : "]");
      safe = text.slice(0, place + 1) + closing.join("");
    } else if (character === "}" || character === "]") closing.shift();
  }
  const whole = text.slice(0, cut) + (inString ? '"' : "") + closing.join("");
  return parsed(whole) ?? parsed(safe);
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
// #endregion
