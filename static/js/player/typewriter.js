/** Gives out text that is received but not yet shown, one grapheme at a time. */

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });
// A letter and any number of marks are one grapheme. The longest that people write are far shorter
// than this; a longer one is typed in pieces.
const LONGEST = 256;
// Segmenting takes time by the length of the text, so only the beginning is segmented.
const WINDOW = 4 * LONGEST;

export class Typewriter {
  #text = "";
  #offset = 0;
  #segments = GRAPHEMES.segment("");
  #segmentsAt = 0;
  #segmentsEnd = 0;

  /** The length of the text that is not yet typed, in UTF-16 code units. */
  get pending() {
    return this.#text.length - this.#offset;
  }

  /** @param {string} text */
  add(text) {
    this.#text = this.#text.slice(this.#offset) + text;
    this.#offset = 0;
    this.#segment();
  }

  /** Whether only the last grapheme is pending, which later text can still extend. */
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
   * @param {number} [most] about how much, in UTF-16 code units; all of it without
   * @returns {string} the next part of the pending text, now typed
   */
  typeMany(most = Number.POSITIVE_INFINITY) {
    const text = beginning(this.#text, this.#offset, most);
    this.#offset += text.length;
    return text;
  }

  #next() {
    const isEndNear = this.#segmentsEnd - this.#offset < LONGEST;
    if (isEndNear && this.#segmentsEnd < this.#text.length) this.#segment();
    const at = this.#offset - this.#segmentsAt;
    const found = this.#segments.containing(at);
    return found ? beginning(found.segment, at - found.index, LONGEST) : "";
  }

  #segment() {
    this.#segmentsAt = this.#offset;
    this.#segmentsEnd = Math.min(this.#offset + WINDOW, this.#text.length);
    this.#segments = GRAPHEMES.segment(this.#text.slice(this.#segmentsAt, this.#segmentsEnd));
  }
}

/**
 * A part of a text, without cutting a surrogate pair.
 * @param {string} text
 * @param {number} start
 * @param {number} most
 */
function beginning(text, start, most) {
  const end = start + most;
  const isCut = end < text.length && (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return text.slice(start, isCut ? end + 1 : end);
}
