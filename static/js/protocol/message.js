/**
 * The message that a stream's events add up to: delta in, snapshot out.
 *
 * Lenient on purpose. Real streams leave blocks open, repeat or omit parts, and bring types
 * that are newer than this file: whatever can be used is, the rest is passed over. Here is the
 * one place where values are checked: what a message holds has the types that are documented.
 */

import { countIn, entryIn, isObject, jsonOf, parseJson, short, stringIn } from "./read.js";

/** @typedef {Record<string, any>} WireObject an event's JSON object */

/** The text that each delta brings bit by bit: delta type to its field. */
const STREAMED = /** @type {Record<string, string>} */ ({
  text_delta: "text",
  thinking_delta: "thinking",
  input_json_delta: "partial_json",
});

// What a field must be, where it is there. Those with a "?" may be null.
const MESSAGE = { content: "array", model: "string", stop_reason: "string?", usage: "object" };
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
// Far more than any answer has, and what a page can still hold.
const MOST_BLOCKS = 1000;
// More than these would not be read.
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
 * Whether what the delta brings was written for the reader: text and tool input,
 * not thinking.
 * @param {WireObject | null} event
 */
export function isWritten(event) {
  return streamedText(event) !== "" && event?.delta.type !== "thinking_delta";
}

export class Assembly {
  /** @type {WireObject | null} the message so far */
  message = null;
  /** @type {WireObject | null} the block that is open */
  open = null;
  /** @type {{type: string, message: string} | null} the error that ended the stream */
  error = null;
  /** Whether message_stop has come: only then is the message complete. */
  isStopped = false;
  /** @type {string[]} by block: its text as it came, tool input as the JSON that was sent */
  streamed = [];

  /** @type {Map<unknown, number>} where each index's block is: an index may be anything */
  #places = new Map();
  /** @type {Map<string, string>} by name: what was not as documented */
  #odd = new Map();
  #count = 0;

  /**
   * @param {WireObject | null} event the next event; null where its data was not JSON
   * @returns {string} the text that it added to its block
   */
  apply(event) {
    this.#count += 1;
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
        this.#closeBlock(event.index);
        break;
      case "message_delta":
        this.#finish(event);
        break;
      case "message_stop":
        this.isStopped = true;
        break;
      case "error":
        this.#copy(event.error, ERROR, "error");
        this.error = errorOf(event.error);
        break;
    }
    return "";
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

  /** @param {unknown} value */
  #start(value) {
    const { content = [], usage, ...message } = this.#copy(value, MESSAGE, "message");
    this.message = { ...message, content: [], usage: {} };
    this.streamed = [];
    this.#places = new Map();
    this.open = null;
    if (usage) this.#addUsage(usage, "message.usage");
    for (const [index, block] of content.entries()) this.#add(index, block, "content");
  }

  /** @param {WireObject} event */
  #startBlock({ index, content_block }) {
    if (!this.message) return;
    if (!isIndex(index) || this.#places.has(index)) this.#tell("index", is(index));
    const block = this.#add(index, content_block, "content_block");
    if (!block) return;
    this.open = block;
    // A fallback names the model that answers from there on.
    if (block.type === "fallback") {
      this.message.model = stringIn(block.to?.model) || this.message.model;
    }
  }

  /**
   * A list without holes, whatever the indices: one of 2^32 must not make a list that long.
   * @param {unknown} index
   * @param {unknown} value
   * @param {string} name
   * @returns {WireObject | null}
   */
  #add(index, value, name) {
    const isFull = this.blocks.length === MOST_BLOCKS;
    if (isFull) this.#tell("content", `has more than ${MOST_BLOCKS} blocks`);
    else if (!isObject(value)) this.#tell(name, is(value));
    if (isFull || !isObject(value)) return null;
    const block = this.#copy(value, BLOCK, name);
    if (block.citations) {
      const citations = block.citations.filter(isObject);
      const isWhole = citations.length === block.citations.length;
      if (!isWhole) this.#tell(`${name}.citations`, "holds what is no object");
      block.citations = citations;
    }
    this.#places.set(index, this.blocks.length);
    this.streamed.push(initialText(block));
    this.blocks.push(block);
    return block;
  }

  /** @param {WireObject} event */
  #change(event) {
    const place = this.placeOf(event.index);
    const block = this.blocks[place];
    const { delta } = event;
    if (!isObject(delta)) this.#tell("delta", is(delta));
    if (!block || !isObject(delta)) return "";
    const field = entryIn(STREAMED, delta.type);
    if (field) {
      const text = stringIn(delta[field]);
      if (text !== delta[field]) this.#tell(`delta.${field}`, is(delta[field]));
      block[field] = (block[field] ?? "") + text;
      this.streamed[place] += text;
      return text;
    }
    const { type, ...rest } = delta;
    if (type === "citations_delta") {
      if (!isObject(rest.citation)) this.#tell("delta.citation", is(rest.citation));
      else if (block.citations) block.citations.push(rest.citation);
      else block.citations = [rest.citation];
    } else if (type === "signature_delta" || type === "compaction_delta") {
      this.#fill(block, this.#copy(rest, BLOCK, "delta"));
    }
    return "";
  }

  /** @param {unknown} index */
  #closeBlock(index) {
    const block = this.blocks[this.placeOf(index)];
    this.open = null;
    if (block?.partial_json === undefined) return;
    const input = parseJson(block.partial_json === "" ? "{}" : block.partial_json);
    // Input that is not JSON stays visible as the text that came.
    if (input === undefined) return;
    block.input = input;
    delete block.partial_json;
  }

  /** @param {WireObject} event */
  #finish({ type: _, delta, usage, ...extra }) {
    if (!this.message) return;
    this.#fill(this.message, this.#ends(delta, "delta"));
    this.#fill(this.message, this.#ends(extra, "message_delta"));
    if (usage !== undefined) this.#addUsage(usage, "usage");
  }

  /**
   * Neither content nor usage is a delta's to replace.
   * @param {unknown} value
   * @param {string} name
   */
  #ends(value, name) {
    const { content, usage, ...rest } = this.#copy(value, MESSAGE, name);
    if (content !== undefined) this.#tell(`${name}.content`, is(content));
    if (usage !== undefined) this.#tell(`${name}.usage`, is(usage));
    return rest;
  }

  /**
   * Cumulative counts: overwrite, never add; a missing one keeps message_start's.
   * @param {unknown} value
   * @param {string} name
   */
  #addUsage(value, name) {
    const usage = this.#counts(value, name);
    for (const [key, one] of Object.entries(usage)) {
      if (isObject(one)) usage[key] = this.#counts(one, `${name}.${key}`);
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
      this.#tell(`${name}.${key}`, is(one));
      delete counts[key];
    }
    return counts;
  }

  /**
   * An object without the fields that are not of the kind which is documented.
   * @param {unknown} value
   * @param {Record<string, string>} kinds
   * @param {string} name
   * @returns {WireObject}
   */
  #copy(value, kinds, name) {
    /** @type {WireObject} */
    const copy = {};
    if (!isObject(value)) {
      this.#tell(name, is(value));
      return copy;
    }
    for (const [key, one] of Object.entries(value)) {
      // To set this one would replace what the object inherits from.
      if (key !== "__proto__" && fits(one, entryIn(kinds, key))) copy[key] = one;
      else this.#tell(`${name}.${key}`, is(one));
    }
    return copy;
  }

  /**
   * A later null erases nothing.
   * @param {WireObject} target
   * @param {WireObject} source
   */
  #fill(target, source) {
    for (const [key, value] of Object.entries(source)) {
      if (value !== null || !Object.hasOwn(target, key)) target[key] = value;
    }
  }

  /**
   * @param {string} name
   * @param {string} words
   */
  #tell(name, words) {
    if (this.#odd.has(name)) return;
    this.#odd.set(name, `${short(name, 80)} ${words} (event ${this.#count})`);
  }
}

/**
 * The text that a block has when it starts: none, unless the message came whole.
 * @param {WireObject} block
 * @returns {string}
 */
function initialText({ text, thinking, input }) {
  const isFilled = input && Object.keys(input).length > 0;
  return text ?? thinking ?? (isFilled ? jsonOf(input) : "");
}

/** @param {unknown} index */
function isIndex(index) {
  return Number.isInteger(index) && Number(index) >= 0 && Number(index) < MOST_BLOCKS;
}

/**
 * @param {unknown} value
 * @param {string | undefined} kind
 */
function fits(value, kind) {
  if (kind === undefined) return true;
  if (value === null) return kind.endsWith("?");
  return (Array.isArray(value) ? "array" : typeof value) === kind.replace("?", "");
}

/** @param {unknown} value */
function is(value) {
  if (value === undefined) return "is missing";
  if (typeof value === "string") return `is "${short(value, 20)}"`;
  if (Array.isArray(value)) return "is an array";
  return isObject(value) ? "is an object" : `is ${value}`;
}

/**
 * An error event's error. A gateway may send a mere sentence.
 * @param {unknown} value
 */
function errorOf(value) {
  const { type, message } = isObject(value) ? value : { type: "", message: value };
  return { type: stringIn(type) || "error", message: stringIn(message) };
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
