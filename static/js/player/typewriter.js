/** Text that has come but is not yet shown, given out one grapheme at a time. */

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });
// A letter may carry any number of marks, and is one grapheme with all of them. The longest that
// people write are far shorter than this; a longer one is typed in pieces.
const LONGEST = 256;
// Finding a grapheme takes time by the length of the text that is looked at.
const WINDOW = 4 * LONGEST;

export class Typewriter {
  #text = "";
  #offset = 0;
  #segments = GRAPHEMES.segment("");
  #segmentsAt = 0;
  #segmentsEnd = 0;

  /** How much is still to be typed, in UTF-16 code units. */
  get pending() {
    return this.#text.length - this.#offset;
  }

  /** @param {string} text */
  add(text) {
    this.#text = this.#text.slice(this.#offset) + text;
    this.#offset = 0;
    this.#look();
  }

  /** Whether only the last grapheme is left, which text to come may still change. */
  get isLastGrapheme() {
    return this.#offset + this.#next().length === this.#text.length;
  }

  /** @returns {string} the next grapheme, now typed */
  type() {
    const grapheme = this.#next();
    this.#offset += grapheme.length;
    return grapheme;
  }

  /**
   * @param {number} most about how much, in UTF-16 code units
   * @returns {string} the next of what was left, now typed
   */
  typeMost(most) {
    const text = beginning(this.#text, this.#offset, most);
    this.#offset += text.length;
    return text;
  }

  /** @returns {string} all that was left, now typed */
  typeAll() {
    const rest = this.#text.slice(this.#offset);
    this.#text = "";
    this.#offset = 0;
    this.#look();
    return rest;
  }

  #next() {
    const isEndNear = this.#segmentsEnd - this.#offset < LONGEST;
    if (isEndNear && this.#segmentsEnd < this.#text.length) this.#look();
    const at = this.#offset - this.#segmentsAt;
    const found = this.#segments.containing(at);
    return found ? beginning(found.segment, at - found.index, LONGEST) : "";
  }

  /** Look at what comes next. */
  #look() {
    this.#segmentsAt = this.#offset;
    this.#segmentsEnd = Math.min(this.#offset + WINDOW, this.#text.length);
    this.#segments = GRAPHEMES.segment(this.#text.slice(this.#segmentsAt, this.#segmentsEnd));
  }
}

/**
 * A part of a text that cuts no character in two.
 * @param {string} text
 * @param {number} start
 * @param {number} most
 */
function beginning(text, start, most) {
  const end = start + most;
  const isCut = end < text.length && (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return text.slice(start, isCut ? end + 1 : end);
}
