/**
 * The message that a stream's events add up to: delta in, snapshot out.
 *
 * Lenient on purpose. Real streams leave blocks open, repeat or omit parts, and bring types
 * that are newer than this file: whatever can be used is, the rest is passed over.
 */

/** @typedef {Record<string, any>} WireObject an event's JSON object */

/** The text that each delta brings bit by bit: delta type to its field. */
const STREAMED = /** @type {Record<string, string>} */ ({
  text_delta: "text",
  thinking_delta: "thinking",
  input_json_delta: "partial_json",
});

/**
 * The piece of text that an event adds to its block; "" for every other event.
 * @param {WireObject | null} event
 * @returns {string}
 */
export function streamedText(event) {
  if (event?.type !== "content_block_delta") return "";
  const text = event.delta?.[STREAMED[event.delta?.type]];
  return typeof text === "string" ? text : "";
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
  /** @type {number | null} the index of the block that is open */
  openBlock = null;
  /** @type {WireObject | null} the error that ended the stream */
  error = null;
  /** Whether message_stop has come: only then is the message complete. */
  isStopped = false;
  /** @type {string[]} by block: its text as it came, tool input as the JSON that was sent */
  streamed = [];

  /** @param {WireObject | null} event the next event; null where its data was not JSON */
  apply(event) {
    switch (event?.type) {
      case "message_start":
        this.#start(event.message);
        break;
      case "content_block_start":
        this.#startBlock(event);
        break;
      case "content_block_delta":
        this.#change(event);
        break;
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
        this.error = event.error ?? {};
        break;
    }
  }

  /** @returns {WireObject[]} */
  get blocks() {
    return this.message?.content ?? [];
  }

  /** @returns {WireObject | null} */
  get open() {
    return this.openBlock === null ? null : (this.blocks[this.openBlock] ?? null);
  }

  /** @param {WireObject | undefined} message */
  #start(message) {
    this.message = {
      ...message,
      content: [...(message?.content ?? [])],
      usage: { ...message?.usage },
    };
    this.streamed = this.blocks.map(initialText);
  }

  /** @param {WireObject} event */
  #startBlock(event) {
    if (!this.message || !event.content_block) return;
    const block = { ...event.content_block };
    if (Array.isArray(block.citations)) block.citations = [...block.citations];
    this.message.content[event.index] = block;
    this.streamed[event.index] = initialText(block);
    this.openBlock = event.index;
    // A fallback names the model that answers from there on.
    if (block.type === "fallback") this.message.model = block.to?.model ?? this.message.model;
  }

  /** @param {WireObject} event */
  #change(event) {
    const block = this.blocks[event.index];
    const delta = event.delta;
    if (!block || !delta) return;
    switch (delta.type) {
      case "text_delta":
      case "thinking_delta":
      case "input_json_delta": {
        const field = STREAMED[delta.type];
        const text = streamedText(event);
        block[field] = (block[field] ?? "") + text;
        this.streamed[event.index] += text;
        break;
      }
      case "signature_delta":
        block.signature = delta.signature;
        break;
      case "citations_delta":
        block.citations = [...(block.citations ?? []), delta.citation];
        break;
      case "compaction_delta": {
        const { type: _, ...content } = delta;
        Object.assign(block, content);
        break;
      }
    }
  }

  /** @param {number} index */
  #closeBlock(index) {
    const block = this.blocks[index];
    if (block && "partial_json" in block) {
      const { partial_json: text, ...rest } = block;
      const input = parse(text === "" ? "{}" : text);
      // Input that is not JSON stays visible as the text that came.
      if (input !== undefined) this.blocks[index] = { ...rest, input };
    }
    this.openBlock = null;
  }

  /** @param {WireObject} event */
  #finish(event) {
    if (!this.message) return;
    const { delta = {}, usage = {}, type: _, ...extra } = event;
    Object.assign(this.message, delta, extra);
    for (const [name, value] of Object.entries(usage)) {
      // Cumulative counts: overwrite, never add; a missing one keeps message_start's.
      if (value !== null) this.message.usage[name] = value;
    }
  }
}

/**
 * The text that a block has when it starts: none, unless the message came whole.
 * @param {WireObject} block
 * @returns {string}
 */
function initialText({ text, thinking, input }) {
  const isFilled = input && Object.keys(input).length > 0;
  return text ?? thinking ?? (isFilled ? JSON.stringify(input) : "");
}

/**
 * The error of a body that is the API's envelope; null where it is something else.
 * @param {string} body
 * @returns {WireObject | null}
 */
export function errorIn(body) {
  const error = parse(body)?.error;
  return typeof error?.type === "string" ? error : null;
}

/**
 * @param {string} text
 * @returns {any} undefined where the text is not JSON
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
