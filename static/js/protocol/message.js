/**
 * The message that a stream's events add up to: delta in, snapshot out.
 *
 * Lenient on purpose. Real streams leave blocks open, repeat or omit parts, and have types that
 * are newer than this file: what can be used is used, the rest is ignored. Values are checked
 * here and nowhere else: what a message holds has the documented types.
 */

import {
  countIn,
  entryIn,
  isObject,
  jsonOf,
  objectIn,
  parseJson,
  short,
  stringIn,
} from "./read.js";

/** @typedef {Record<string, any>} WireObject an event's JSON object */

/** The field of each type of delta that carries a piece of text. */
export const STREAMED = /** @type {Record<string, string>} */ ({
  text_delta: "text",
  thinking_delta: "thinking",
  input_json_delta: "partial_json",
});

const OF_A_MESSAGE = /^(message_(start|delta|stop)|content_block_(start|delta|stop))$/;

// The documented type of each field. Those with a "?" may be null.
const MESSAGE = { content: "array", model: "string", stop_reason: "string?", usage: "object" };
// A message_delta may replace neither of these two.
const DELTA = { ...MESSAGE, content: "none", usage: "none" };
const BLOCK = {
  type: "string",
  text: "string",
  thinking: "string",
  partial_json: "string",
  signature: "string",
  name: "string",
  input: "object",
  to: "object?",
  citations: "array?",
};
const ERROR = { type: "string", message: "string" };
// Far more than any answer has, and few enough for a page.
const MOST_BLOCKS = 1000;
// A sentence with more would not be read.
const MOST_TOLD = 5;

/**
 * The piece of text that an event adds to its block; "" for every other event.
 * @param {WireObject | null} event
 * @returns {string}
 */
export function streamedText(event) {
  if (event?.type !== "content_block_delta") return "";
  return stringIn(event.delta?.[entryIn(STREAMED, event.delta?.type) ?? ""]);
}

/**
 * Whether a delta's text is part of the answer: text and tool input, not thinking.
 * @param {WireObject | null} event
 */
export function isWritten(event) {
  return streamedText(event) !== "" && event?.delta.type !== "thinking_delta";
}

/**
 * Where the text of an event is: a part of its block's text, in UTF-16 code units.
 * @typedef {{place: number, start: number, end: number}} Span
 */

export class Assembly {
  /** @type {WireObject | null} the message so far */
  message = null;
  /** @type {WireObject | null} the block that is open */
  open = null;
  /** @type {{type: string, message: string} | null} the error that ended the stream */
  error = null;
  /** Whether message_stop was received: only then is the message complete. */
  isStopped = false;
  /** Whether another message began before this one was complete. */
  isSpliced = false;
  /** The event whose data was no JSON object, so that its part of the message is lost; or "". */
  lost = "";
  /** @type {string[]} by block: its text as received, tool input as the JSON that was sent */
  streamed = [];

  /** @type {Map<unknown, number>} from an index, which can be any value, to the block's place */
  #places = new Map();
  /** @type {Map<string, string>} by field: what was not as documented */
  #odd = new Map();
  /** @type {(Span | null)[]} by event; null where it brought no text */
  #spans = [];
  #count = 0;

  /**
   * @param {WireObject | null} event the next event; null where its data was no JSON object
   * @param {string} [name] of its event line
   * @returns {string} the text that it added to its block
   */
  apply(event, name = "") {
    if (event === null && !this.isOver && OF_A_MESSAGE.test(name)) this.lost = name;
    const before = this.streamed.length;
    const text = this.#apply(event);
    const place = this.placeOf(event?.index);
    const end = this.streamed[place]?.length ?? 0;
    // A block can have text from its start.
    const isNew = event?.type === "content_block_start" && this.streamed.length > before;
    const start = isNew ? 0 : end - text.length;
    this.#spans.push(start < end ? { place, start, end } : null);
    return text;
  }

  /**
   * @param {WireObject | null} event
   * @returns {string}
   */
  #apply(event) {
    this.#count += 1;
    if (this.isOver) return "";
    switch (event?.type) {
      case "message_start":
        this.#start(event.message);
        break;
      case "content_block_start":
        this.#startBlock(event);
        break;
      case "content_block_delta":
        return this.#change(event);
      case "content_block_stop":
        this.open = null;
        parseInput(this.blocks[this.placeOf(event.index)]);
        break;
      case "message_delta":
        this.#finish(event);
        break;
      case "message_stop":
        this.isStopped = this.message !== null;
        break;
      case "error":
        this.#copy(event.error, ERROR, "error");
        this.error = wordsOf(event.error);
        break;
    }
    return "";
  }

  /** Whether what follows is no part of the message. */
  get isOver() {
    return this.isStopped || this.isSpliced || this.error !== null || this.lost !== "";
  }

  /** @returns {WireObject[]} in the order in which they were opened */
  get blocks() {
    return this.message?.content ?? [];
  }

  /** What was not as documented, in one sentence; "" where nothing was. */
  get odd() {
    const all = [...this.#odd.values()];
    const more = all.length > MOST_TOLD ? `, and ${all.length - MOST_TOLD} more` : "";
    return all.length === 0 ? "" : `${all.slice(0, MOST_TOLD).join(", ")}${more}.`;
  }

  /**
   * Where the block of an index is in the list; -1 where none was opened.
   * @param {unknown} index
   */
  placeOf(index) {
    return this.#places.get(index) ?? -1;
  }

  /**
   * @param {number} index of an event
   * @returns {Span | null}
   */
  spanOf(index) {
    return this.#spans[index] ?? null;
  }

  /**
   * The event that brought a character; -1 where none did.
   * @param {number} place of the block in the list
   * @param {number} offset of the character in its block's text
   */
  eventAt(place, offset) {
    return this.#spans.findIndex(
      (span) => span?.place === place && span.start <= offset && offset < span.end,
    );
  }

  /** @param {unknown} value */
  #start(value) {
    if (this.message) {
      // The same message again changes nothing.
      this.isSpliced = objectIn(value).id !== this.message.id;
      return;
    }
    const { content = [], usage, ...message } = this.#copy(value, MESSAGE, "message");
    this.message = { ...message, content: [], usage: {} };
    if (usage) this.#addUsage(usage, "message.usage");
    for (const [index, block] of content.entries()) this.#add(index, block, "content");
  }

  /** @param {WireObject} event */
  #startBlock({ index, content_block }) {
    if (!this.message) return;
    const isIndex = Number.isInteger(index) && index >= 0 && index < MOST_BLOCKS;
    if (!isIndex || this.#places.has(index)) this.#report("index", is(index));
    const block = this.#add(index, content_block, "content_block");
    if (!block) return;
    this.open = block;
    // A fallback names the model that answers from there on.
    if (block.type === "fallback") {
      this.message.model = stringIn(block.to?.model) || this.message.model;
    }
  }

  /**
   * Append a block. The list has no holes, whatever the indices: one of 2^32 must not make it long.
   * @param {unknown} index
   * @param {unknown} value
   * @param {string} name
   * @returns {WireObject | null}
   */
  #add(index, value, name) {
    const isFull = this.blocks.length === MOST_BLOCKS;
    if (isFull) this.#report("content", `has more than ${MOST_BLOCKS} blocks`);
    else if (!isObject(value)) this.#report(name, is(value));
    if (isFull || !isObject(value)) return null;
    const block = this.#copy(value, BLOCK, name);
    if (block.citations) {
      const citations = block.citations.filter(isObject);
      const isWhole = citations.length === block.citations.length;
      if (!isWhole) this.#report(`${name}.citations`, "holds what is no object");
      block.citations = citations;
    }
    this.#places.set(index, this.blocks.length);
    // A block has text at its start only if the message was received whole.
    const { text, thinking, input } = block;
    const hasInput = input && Object.keys(input).length > 0;
    this.streamed.push(text ?? thinking ?? (hasInput ? jsonOf(input) : ""));
    this.blocks.push(block);
    return block;
  }

  /** @param {WireObject} event */
  #change(event) {
    const place = this.placeOf(event.index);
    const block = this.blocks[place];
    const { delta } = event;
    if (!isObject(delta)) this.#report("delta", is(delta));
    if (!block || !isObject(delta)) return "";
    const field = entryIn(STREAMED, delta.type);
    if (field) {
      const text = stringIn(delta[field]);
      if (text !== delta[field]) this.#report(`delta.${field}`, is(delta[field]));
      block[field] = (block[field] ?? "") + text;
      this.streamed[place] += text;
      return text;
    }
    const { type, ...rest } = delta;
    if (type === "citations_delta") {
      if (!isObject(rest.citation)) this.#report("delta.citation", is(rest.citation));
      else if (block.citations) block.citations.push(rest.citation);
      else block.citations = [rest.citation];
    } else if (type === "signature_delta" || type === "compaction_delta") {
      this.#fill(block, this.#copy(rest, BLOCK, "delta"));
    }
    return "";
  }

  /** @param {WireObject} event */
  #finish({ type: _, delta, usage, ...extra }) {
    if (!this.message) return;
    this.#fill(this.message, this.#copy(delta, DELTA, "delta"));
    this.#fill(this.message, this.#copy(extra, DELTA, "message_delta"));
    if (usage !== undefined) this.#addUsage(usage, "usage");
  }

  /**
   * Counts are cumulative, so they are replaced, never added; a missing one keeps its value.
   * @param {unknown} value
   * @param {string} name
   */
  #addUsage(value, name) {
    const usage = this.#counts(value, name);
    const known = this.message?.usage;
    for (const [key, one] of Object.entries(usage)) {
      if (isObject(one)) usage[key] = this.#counts(one, `${name}.${key}`);
      // After a compaction or a fallback the counts are of the last iteration only.
      if (usage.iterations?.length || (countIn(one) ?? Infinity) >= (countIn(known?.[key]) ?? 0))
        continue;
      this.#report(`${name}.${key}`, "is less than before");
      delete usage[key];
    }
    this.#fill(this.message?.usage, usage);
  }

  /**
   * @param {unknown} value
   * @param {string} name
   */
  #counts(value, name) {
    const counts = this.#copy(value, {}, name);
    for (const [key, one] of Object.entries(counts)) {
      if (!key.endsWith("_tokens") || one === null || countIn(one) !== null) continue;
      this.#report(`${name}.${key}`, is(one));
      delete counts[key];
    }
    return counts;
  }

  /**
   * A copy of an object, without the fields that do not have their documented type.
   * @param {unknown} value
   * @param {Record<string, string>} kinds
   * @param {string} name
   * @returns {WireObject}
   */
  #copy(value, kinds, name) {
    /** @type {WireObject} */
    const copy = {};
    if (!isObject(value)) {
      this.#report(name, is(value));
      return copy;
    }
    for (const [key, one] of Object.entries(value)) {
      const actual = Array.isArray(one) ? "array" : typeof one;
      const kind = entryIn(kinds, key) ?? `${actual}?`;
      const fits = one === null ? kind.endsWith("?") : kind.replace("?", "") === actual;
      // Setting this one would replace the prototype of the copy.
      if (key !== "__proto__" && fits) copy[key] = one;
      else this.#report(`${name}.${key}`, is(one));
    }
    return copy;
  }

  /**
   * Set fields. A later null erases nothing.
   * @param {WireObject} target
   * @param {WireObject} source
   */
  #fill(target, source) {
    for (const [key, value] of Object.entries(source)) {
      if (value !== null || !Object.hasOwn(target, key)) target[key] = value;
    }
  }

  /**
   * Remember, once for each field, what is not as documented.
   * @param {string} name
   * @param {string} words
   */
  #report(name, words) {
    if (this.#odd.has(name)) return;
    this.#odd.set(name, `${short(name, 80)} ${words} (event ${this.#count})`);
  }
}

/**
 * What an error says: a gateway may send an object without type, or a plain sentence.
 * @param {unknown} error
 */
function wordsOf(error) {
  if (!isObject(error)) return { type: "error", message: stringIn(error) };
  const { type, message } = error;
  const rest = stringIn(type) ? "" : jsonOf(error);
  return { type: stringIn(type) || "error", message: stringIn(message) || rest };
}

/**
 * A complete tool input. One that is no JSON object stays visible as the text that was received.
 * @param {WireObject | undefined} block
 */
function parseInput(block) {
  const input = parseJson(block?.partial_json === "" ? "{}" : block?.partial_json);
  if (!block || !isObject(input)) return;
  block.input = input;
  delete block.partial_json;
}

/** @param {unknown} value */
function is(value) {
  if (value === undefined) return "is missing";
  if (typeof value === "string") return `is "${short(value, 20)}"`;
  if (Array.isArray(value)) return "is an array";
  return isObject(value) ? "is an object" : `is ${value}`;
}

/**
 * The message that some events add up to.
 * @param {{data: WireObject | null, name?: string}[]} events
 */
export function assemble(events) {
  const assembly = new Assembly();
  for (const { data, name } of events) assembly.apply(data, name);
  return assembly;
}

/**
 * The error of a body that is the API's envelope; null where it is something else.
 * @param {string} body
 * @returns {WireObject | null}
 */
export function errorIn(body) {
  const error = parseJson(body)?.error;
  if (!isObject(error) || typeof error.type !== "string") return null;
  return { ...error, message: stringIn(error.message) };
}
