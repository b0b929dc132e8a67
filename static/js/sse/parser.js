/**
 * Server-sent events from bytes, wherever the network divided them.
 *
 * No transport and no JSON: bytes are fed in, and a callback receives the frames. It follows the
 * standard (CR, LF and CRLF end a line; a frame without data is no event), and keeps each frame's
 * own text and place so that they can be shown.
 */

/**
 * @typedef {object} Frame
 * @property {string} name the `event:` field, "" where there is none
 * @property {string | null} data the `data:` fields, joined by line feeds; null without any
 * @property {string} raw the frame's lines as received, without the blank one
 * @property {number} offset how many bytes stand before the frame
 */

const BYTE_ORDER_MARK = "\uFEFF";
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

// The longest line of known streams has 256 kB. A body that never ends a frame would fill memory.
const MOST_BYTES = 32_000_000;

export class SseParser {
  /** Whether a frame exceeds the bound. Nothing after it is read. */
  isTooLong = false;
  /** How many bytes stand before the frame that is not complete. */
  offset = 0;

  #onFrame;
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #isFirst = true;
  /** The bytes of the frame that is not complete; of the buffer, `#size` are in use. */
  #pending = new Uint8Array(1024);
  #size = 0;
  /** How many line ends follow each other: two of them end a frame. */
  #lineEnds = 0;
  #isAfterReturn = false;

  /** @param {(frame: Frame) => void} onFrame called with each frame that has data or a name */
  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /** @param {Uint8Array} bytes the next bytes of the body, divided anywhere */
  feed(bytes) {
    if (this.isTooLong) return;
    let start = 0;
    let lineEnds = this.#lineEnds;
    let isAfterReturn = this.#isAfterReturn;
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
        lineEnds = 0;
        isAfterReturn = false;
        continue;
      }
      const isHalf = byte === LINE_FEED && isAfterReturn;
      isAfterReturn = byte === CARRIAGE_RETURN;
      if (!isHalf) {
        lineEnds += 1;
        if (lineEnds < 2) continue;
        this.#dispatch(bytes.subarray(start, index + 1));
        start = index + 1;
        lineEnds = 0;
      } else if (this.#size === 0 && index === start) {
        // The frame that this line feed belongs to has been dispatched already.
        start += 1;
        this.offset += 1;
      }
    }
    this.#lineEnds = lineEnds;
    this.#isAfterReturn = isAfterReturn;
    this.#keep(bytes.subarray(start));
    this.isTooLong = this.#size > MOST_BYTES;
    if (this.isTooLong) this.#size = 0;
  }

  /**
   * The body has ended. The standard drops the lines that no blank line ended.
   * @returns {string} the text that was dropped
   */
  end() {
    const dropped = this.#linesOf(this.#pending.subarray(0, this.#size)).join("\n");
    this.#size = 0;
    return dropped;
  }

  /** @param {Uint8Array} bytes the end of a frame */
  #dispatch(bytes) {
    let whole = bytes;
    if (this.#size > 0) {
      this.#keep(bytes);
      whole = this.#pending.subarray(0, this.#size);
    }
    const frame = { ...frameOf(this.#linesOf(whole)), offset: this.offset };
    this.offset += whole.length;
    this.#size = 0;
    this.#isFirst = false;
    if (frame.data !== null || frame.name !== "") this.#onFrame(frame);
  }

  /** @param {Uint8Array} bytes */
  #keep(bytes) {
    const size = this.#size + bytes.length;
    if (size > this.#pending.length) {
      // Doubled, so that a line of very many chunks is copied a few times only.
      const larger = new Uint8Array(Math.max(size, 2 * this.#pending.length));
      larger.set(this.#pending.subarray(0, this.#size));
      this.#pending = larger;
    }
    this.#pending.set(bytes, this.#size);
    this.#size = size;
  }

  /** @param {Uint8Array} bytes */
  #linesOf(bytes) {
    const text = this.#decoder.decode(bytes);
    const isMarked = this.#isFirst && text.startsWith(BYTE_ORDER_MARK);
    return (isMarked ? text.slice(1) : text).split(/\r\n?|\n/).filter((line) => line !== "");
  }
}

/**
 * @param {string[]} lines of a frame
 * @returns {Omit<Frame, "offset">}
 */
export function frameOf(lines) {
  const data = valuesOf("data", lines);
  const name = valuesOf("event", lines).at(-1) ?? "";
  return { name, data: data.length === 0 ? null : data.join("\n"), raw: lines.join("\n") };
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
