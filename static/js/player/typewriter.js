/** Text that has come but is not yet shown, given out one grapheme at a time. */

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export class Typewriter {
  #text = "";
  #offset = 0;
  #segments = GRAPHEMES.segment("");

  /** How much is still to be typed, in UTF-16 code units. */
  get left() {
    return this.#text.length - this.#offset;
  }

  /** @param {string} text */
  add(text) {
    this.#text = this.#text.slice(this.#offset) + text;
    this.#offset = 0;
    this.#segments = GRAPHEMES.segment(this.#text);
  }

  /** Whether only the last grapheme is left, which text to come may still change. */
  get isAtLast() {
    return this.#offset + this.#next().length === this.#text.length;
  }

  /** @returns {string} the next grapheme, now typed */
  type() {
    const grapheme = this.#next();
    this.#offset += grapheme.length;
    return grapheme;
  }

  /** @returns {string} all that was left, now typed */
  typeAll() {
    const rest = this.#text.slice(this.#offset);
    this.#text = "";
    this.#offset = 0;
    return rest;
  }

  #next() {
    return this.#segments.containing(this.#offset)?.segment ?? "";
  }
}
