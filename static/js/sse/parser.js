/**
 * Server-sent events from bytes, wherever the network cut them.
 *
 * No transport and no JSON: bytes go in by `feed`, frames come out by the callback.
 * Follows the standard (CR, LF and CRLF end a line; a frame without data is not
 * dispatched), and keeps each frame's own text so that it can be shown.
 */

/**
 * @typedef {object} Frame
 * @property {string} name the `event:` field, "" where there is none
 * @property {string} data the `data:` fields, joined by line feeds
 * @property {string} raw the frame's lines as they came, without the blank one
 */

const BYTE_ORDER_MARK = "\uFEFF";

// The longest recorded line has 256 kB. Without a bound, a body that never ends a line fills memory.
const MOST_CHARACTERS = 32_000_000;

export class SseParser {
  /** Whether a frame grew beyond all bounds: nothing after it is read. */
  isTooLong = false;

  #onFrame;
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #rest = "";
  #isFirst = true;
  #skipLineFeed = false;
  /** @type {string[]} */
  #lines = [];
  #size = 0;

  /** @param {(frame: Frame) => void} onFrame */
  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /** @param {Uint8Array} bytes the next bytes of the body, cut anywhere */
  feed(bytes) {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /**
   * The body is over. What was not ended by a blank line is dropped, as the standard says.
   * @returns {string} the text that was dropped
   */
  end() {
    this.#take(this.#decoder.decode());
    const dropped = [...this.#lines, this.#rest].filter((line) => line !== "").join("\n");
    this.reset();
    return dropped;
  }

  /** Forget everything, ready for another body. */
  reset() {
    this.#decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    this.isTooLong = false;
    this.#isFirst = true;
    this.#skipLineFeed = false;
    this.#forget();
  }

  #forget() {
    this.#rest = "";
    this.#lines = [];
    this.#size = 0;
  }

  /** @param {string} text */
  #take(text) {
    if (this.isTooLong) return;
    let more = text;
    if (this.#isFirst && more !== "") {
      this.#isFirst = false;
      if (more.startsWith(BYTE_ORDER_MARK)) more = more.slice(1);
    }
    if (this.#skipLineFeed && more !== "") {
      this.#skipLineFeed = false;
      if (more.startsWith("\n")) more = more.slice(1);
    }
    this.#splitLines(more);
    this.isTooLong = this.#size + this.#rest.length > MOST_CHARACTERS;
    if (this.isTooLong) this.#forget();
  }

  /**
   * What waits for its line's end is not looked at again: a line may come in very many pieces.
   * @param {string} text
   */
  #splitLines(text) {
    const lineEnd = /\r\n?|\n/g;
    let start = 0;
    for (let match = lineEnd.exec(text); match; match = lineEnd.exec(text)) {
      const line = this.#rest + text.slice(start, match.index);
      this.#rest = "";
      this.#line(line);
      start = lineEnd.lastIndex;
    }
    // A CR that ends the chunk may be half of a CRLF; the line is complete either way.
    this.#skipLineFeed = start > 0 && start === text.length && text.endsWith("\r");
    this.#rest += text.slice(start);
  }

  /** @param {string} line */
  #line(line) {
    if (line !== "") {
      this.#lines.push(line);
      this.#size += line.length + 1;
      return;
    }
    const lines = this.#lines;
    this.#forget();
    const data = valuesOf("data", lines);
    if (data.length === 0) return;
    const name = valuesOf("event", lines).at(-1) ?? "";
    this.#onFrame({ name, data: data.join("\n"), raw: lines.join("\n") });
  }
}

/**
 * @param {string} field
 * @param {string[]} lines
 */
function valuesOf(field, lines) {
  /** @type {string[]} */
  const values = [];
  for (const line of lines) {
    if (line === field) values.push("");
    else if (line.startsWith(`${field}:`)) {
      const value = line.slice(field.length + 1);
      values.push(value.startsWith(" ") ? value.slice(1) : value);
    }
  }
  return values;
}
