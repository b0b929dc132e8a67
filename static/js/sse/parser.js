/**
 * Server-sent events from bytes, wherever the network divided them.
 *
 * No transport and no JSON: bytes are fed in, and a callback receives the frames. It follows the
 * standard (CR, LF and CRLF end a line; a frame without data is not dispatched), and keeps each
 * frame's own text so that it can be shown.
 */

/**
 * @typedef {object} Frame
 * @property {string} name the `event:` field, "" where there is none
 * @property {string} data the `data:` fields, joined by line feeds
 * @property {string} raw the frame's lines as received, without the blank one
 */

const BYTE_ORDER_MARK = "\uFEFF";

// The longest line of known streams has 256 kB. A body that never ends a line would fill memory.
const MOST_CHARACTERS = 32_000_000;

export class SseParser {
  /** Whether a frame exceeds the bound. Nothing after it is read. */
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

  /** @param {Uint8Array} bytes the next bytes of the body, divided anywhere */
  feed(bytes) {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /**
   * The body has ended. The standard drops the lines that no blank line ended.
   * @returns {string} the text that was dropped
   */
  end() {
    this.#take(this.#decoder.decode());
    const dropped = [...this.#lines, this.#rest].filter((line) => line !== "").join("\n");
    this.#discard();
    return dropped;
  }

  /** Discard the frame that has begun. */
  #discard() {
    this.#rest = "";
    this.#lines = [];
    this.#size = 0;
  }

  /** @param {string} text */
  #take(text) {
    if (this.isTooLong || text === "") return;
    let more = text;
    if (this.#isFirst && more.startsWith(BYTE_ORDER_MARK)) more = more.slice(1);
    this.#isFirst = false;
    if (this.#skipLineFeed && more !== "") {
      this.#skipLineFeed = false;
      if (more.startsWith("\n")) more = more.slice(1);
    }
    // The pending part of a line is not searched again: a line can have very many chunks.
    const lineEnd = /\r\n?|\n/g;
    let start = 0;
    for (let match = lineEnd.exec(more); match; match = lineEnd.exec(more)) {
      const line = this.#rest + more.slice(start, match.index);
      this.#rest = "";
      this.#addLine(line);
      start = lineEnd.lastIndex;
    }
    // A CR at the end of a chunk can be half of a CRLF. The line is complete either way.
    this.#skipLineFeed = start > 0 && start === more.length && more.endsWith("\r");
    this.#rest += more.slice(start);
    this.isTooLong = this.#size + this.#rest.length > MOST_CHARACTERS;
    if (this.isTooLong) this.#discard();
  }

  /** @param {string} line */
  #addLine(line) {
    if (line !== "") {
      this.#lines.push(line);
      this.#size += line.length + 1;
      return;
    }
    const lines = this.#lines;
    this.#discard();
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
  return lines
    .filter((line) => line === field || line.startsWith(`${field}:`))
    .map((line) => line.slice(field.length + 1).replace(/^ /, ""));
}
