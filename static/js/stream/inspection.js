/**
 * Which rules of `content/reading.toml` a stream breaks, at which event and byte. What its bytes
 * show is what `streamguide/inspection.py` finds; a response's head, end and times show more.
 */

import { Assembly, STREAMED } from "../protocol/message.js";
import {
  entryIn,
  isObject,
  jsonOf,
  objectIn,
  parseJson,
  short,
  stringIn,
} from "../protocol/read.js";
import { frameOf } from "../sse/parser.js";
import { announcesStream, BROKEN, dataOf, OPEN, TOO_LONG } from "./event-log.js";

/** @typedef {import("./event-log.js").EventLog} EventLog */
/** @typedef {import("./event-log.js").WireEvent} WireEvent */
/** @typedef {import("../protocol/message.js").WireObject} WireObject */

/**
 * @typedef {object} BrokenRule a rule, and the first place where it is broken
 * @property {string} rule its id
 * @property {number | null} event its number, from 1; null: about no event, or the end of the bytes
 * @property {number} offset the bytes before it
 * @property {string} words what is there, in one line
 * @property {number} count in how many places
 */

/** No rule of the list: nothing was received for a long time. */
export const SILENCE = "silence";
// Shorter silences are part of every stream.
const LONG_SILENCE_MS = 4000;
// A body that is no stream is told by its beginning.
const MOST_BODY = 100_000;
const MOST_WORDS = 300;
const STREAM = /^\uFEFF?\s*(?:event|data|id|retry)?:/;
const TITLE = /<title[^>]*>([^<]*)/i;
// Half of a surrogate pair, without the other half.
const HALF = /\p{Surrogate}/u;

class Inspection {
  assembly = new Assembly();
  #log;
  #body;
  /** @type {Map<string, BrokenRule>} */
  #found = new Map();
  /** The number of the event that was inspected last. */
  #event = 0;
  #nextIndex = 0;
  /** @type {Set<unknown>} the indices of the blocks that are open */
  #open = new Set();
  /** @type {BrokenRule[]} where each block of the message began */
  #begun = [];
  /** @type {BrokenRule | null} where the message was complete */
  #stopped = null;
  /** @type {BrokenRule | null} the first of the pings since the last other event */
  #ping = null;

  /**
   * @param {EventLog} log a stream that has ended
   * @param {Uint8Array} [body] its bytes, which tell what a body without events is
   */
  constructor(log, body = new Uint8Array()) {
    this.#log = log;
    this.#body = body.subarray(0, MOST_BODY);
  }

  /**
   * Inspect the next events.
   * @param {number} most
   * @returns {boolean} whether there are more
   */
  advance(most) {
    const { events } = this.#log;
    const last = Math.min(events.length, this.#event + most);
    while (this.#event < last) {
      this.#event += 1;
      this.#inspect(events[this.#event - 1]);
    }
    return last < events.length;
  }

  /** @returns {BrokenRule[]} in the order of their places, once there are no more events */
  end() {
    const { head, isStream, nameOnly } = this.#log;
    const text = new TextDecoder().decode(this.#body);
    if (head && !announcesStream(head)) {
      const words = `HTTP ${head.status} with ${head.type || "no content-type"}`;
      const told = toldBy(this.#log.body, head.status >= 300);
      const rule = head.status < 300 ? "not-a-stream" : "http-error";
      this.#note(rule, told ? `${words}: ${told}` : words, null, 0);
    }
    const encoding = head?.headers?.["content-encoding"] ?? "identity";
    if (encoding !== "identity") {
      this.#note("identity", `The response has content-encoding: ${encoding}.`, null, 0);
    }
    if (!isStream) {
      // What it says is told above.
    } else if (this.#event > 0 || text === "" || STREAM.test(text)) {
      for (const { name, offset } of nameOnly) this.#note("no-data", name, null, offset);
      this.#findAtEnd();
      this.#findSilence();
    } else if (this.#body[0] === 0x1f && this.#body[1] === 0x8b) {
      this.#note("identity", "The bytes are compressed with gzip.", null, 0);
    } else {
      this.#note("not-a-stream", toldBy(text, true), null, 0);
    }
    return [...this.#found.values()].sort((one, other) => one.offset - other.offset);
  }

  /**
   * @param {string} rule
   * @param {string} words
   * @param {number | null} event
   * @param {number} offset
   */
  #note(rule, words, event, offset) {
    const known = this.#found.get(rule);
    if (known) known.count += 1;
    else this.#found.set(rule, { rule, event, offset, words: oneLine(words), count: 1 });
  }

  /**
   * The event that is inspected breaks a rule.
   * @param {string} rule
   * @param {string} words
   */
  #add(rule, words) {
    const { event, offset } = this.#here(words);
    this.#note(rule, words, event, offset);
  }

  /**
   * @param {string} words
   * @returns {BrokenRule}
   */
  #here(words) {
    const { offset } = this.#log.events[this.#event - 1];
    return { rule: "", event: this.#event, offset, words, count: 1 };
  }

  /** @param {WireEvent} event */
  #inspect({ name, isNamed, raw, data }) {
    const { assembly } = this;
    if (data === null) {
      const text = frameOf(raw.split("\n")).data ?? "";
      this.#add("no-object", text);
      if (assembly.isStopped) this.#add("after-stop", text);
      assembly.apply(data, name);
      return;
    }
    const type = typeof data.type === "string" ? data.type : null;
    if (!isNamed) {
      if (type !== "") this.#add("no-name", type ?? "no type");
    } else if (name !== type) {
      this.#add("no-name", `The event line says ${name}, the data says ${type}.`);
    }
    if (type === "ping") {
      this.#ping ??= this.#here(type);
      assembly.apply(data);
      return;
    }
    this.#ping = null;
    const rules = this.#rulesOf(type ?? "", data, raw);
    assembly.apply(data);
    for (const [rule, words] of rules) this.#add(rule, words);
    if (assembly.isStopped) this.#stopped ??= this.#here(type ?? "");
    while (this.#begun.length < assembly.blocks.length) this.#begun.push(this.#here(type ?? ""));
    if (type === "message_start") this.#nextIndex = assembly.blocks.length;
  }

  /**
   * What an event breaks, before it is applied.
   * @param {string} type
   * @param {WireObject} event
   * @param {string} raw
   * @returns {[string, string][]} rules and words; each rule once, but for blocks that are open
   */
  #rulesOf(type, event, raw) {
    const { message, isOver, isStopped, error } = this.assembly;
    const words = event.index === undefined ? type : `${type}, index ${jsonOf(event.index)}`;
    if (isOver) {
      if (isStopped) return [["after-stop", words]];
      return error ? [["after-error", words]] : [];
    }
    switch (type) {
      case "error":
        return this.#rulesOfError(event, raw);
      case "message_start":
        return this.#rulesOfStart(objectIn(event.message));
      case "message_stop": {
        if (!message) return [["bare-stop", words]];
        const open = [...this.#open];
        return open.map((index) => [
          "open-block",
          `Block ${index} is open at the end of the message.`,
        ]);
      }
      case "content_block_start":
        return this.#rulesOfBlock(event, words);
      case "content_block_delta":
      case "content_block_stop":
        return message ? this.#rulesOfChange(type, event, words) : [["no-start", words]];
      case "message_delta": {
        if (!message) return [["no-start", words]];
        const reasons = { ...objectIn(event.delta), ...event };
        const isLater = message.stop_reason && "stop_reason" in reasons && !reasons.stop_reason;
        const rules = this.#rulesOfUsage(event.usage, type);
        return isLater ? [["later-delta", words], ...rules] : rules;
      }
    }
    return [];
  }

  /**
   * The most specific rules that an error event meets.
   * @param {WireObject} event
   * @param {string} raw
   * @returns {[string, string][]}
   */
  #rulesOfError(event, raw) {
    const value = objectIn(parseJson(frameOf(raw.split("\n")).data ?? ""));
    const isEnvelope = value.type === "error" && typeof value.error?.message === "string";
    const hasBegun = this.assembly.message !== null;
    const isRefused = innermost(event).type === "invalid_request_error";
    const rules = [
      ...(hasBegun ? [] : ["error-first"]),
      ...(isEnvelope ? [] : ["error-words"]),
      ...(hasBegun && isRefused ? ["content-filter"] : []),
    ];
    const words = wordsOf(event.error);
    return (rules.length ? rules : ["error-event"]).map((rule) => [rule, words]);
  }

  /**
   * @param {WireObject} start the message of a message_start
   * @returns {[string, string][]}
   */
  #rulesOfStart({ id, content, usage }) {
    const { message } = this.assembly;
    const type = "message_start";
    if (message) return [[id === message.id ? "repeated-start" : "second-start", type]];
    const blocks = Array.isArray(content) ? content : [];
    return [
      ...(Array.isArray(content)
        ? []
        : [/** @type {[string, string]} */ (["start-without-content", type])]),
      ...this.#rulesOfUsage(usage, type),
      ...(blocks.every(isObject)
        ? []
        : [/** @type {[string, string]} */ (["unopened-block", type])]),
    ];
  }

  /**
   * @param {WireObject} event a content_block_start
   * @param {string} words
   * @returns {[string, string][]}
   */
  #rulesOfBlock({ index, content_block }, words) {
    /** @type {[string, string][]} */
    const rules = [];
    const { message } = this.assembly;
    const isIndex = Number.isInteger(index);
    if (isIndex && message && index !== this.#nextIndex) {
      rules.push(["index-gaps", `Block ${index} begins, where ${this.#nextIndex} is the next.`]);
    }
    if (isIndex) this.#nextIndex = index + 1;
    if (!message) return [["no-start", words]];
    if (this.#open.size > 0) rules.push(["interleaved", words]);
    if (isIndex && isObject(content_block)) this.#open.add(index);
    else rules.push(["unopened-block", words]);
    return rules;
  }

  /**
   * @param {string} type
   * @param {WireObject} event for a block that has begun
   * @param {string} words
   * @returns {[string, string][]}
   */
  #rulesOfChange(type, { index, delta }, words) {
    const block = this.assembly.blocks[this.assembly.placeOf(index)];
    if (!block) return [["unopened-block", words]];
    if (type === "content_block_stop") {
      this.#open.delete(index);
      const { name, partial_json } = block;
      if (!partial_json || isObject(parseJson(partial_json))) return [];
      return [["broken-input", `The input of ${name} is ${partial_json}`]];
    }
    /** @type {[string, string][]} */
    const rules = this.#open.has(index) ? [] : [["late-delta", words]];
    const field = entryIn(STREAMED, objectIn(delta).type);
    if (field && typeof delta[field] !== "string") rules.push(["no-text", words]);
    return rules;
  }

  /**
   * @param {unknown} usage
   * @param {string} type of its event
   * @returns {[string, string][]}
   */
  #rulesOfUsage(usage, type) {
    const words = `${type}, usage ${jsonOf(usage ?? null)}`;
    if (!isObject(usage)) return [["usage-missing", words]];
    const known = this.assembly.message?.usage ?? {};
    const shrinks = Object.entries(usage).some(
      ([name, value]) => typeof value === "number" && value < entryIn(known, name),
    );
    // After a compaction or a fallback the counts are of the last iteration only.
    return shrinks && !usage.iterations?.length ? [["usage-shrinks", words]] : [];
  }

  /** Find what is known at the end. */
  #findAtEnd() {
    const { assembly } = this;
    const { dropped = "", offset = 0, problem = null } = this.#log.ending ?? {};
    const isTooLong = problem === TOO_LONG;
    const frame = frameOf(dropped.split("\n"));
    const [rule, words] = this.#ruleOfEnding(dataOf(frame)?.type === "message_stop", problem);
    const size = isTooLong ? offset : this.#log.bytes;
    const here = this.#stopped ?? { event: null, offset: size };
    // A message_stop that is there is told already.
    if (
      rule &&
      !this.#found.has(rule) &&
      !(rule === "only-message-stop" && this.#found.has("bare-stop"))
    ) {
      this.#note(rule, words, isTooLong ? null : here.event, isTooLong ? size : here.offset);
    }
    if (isTooLong) this.#note("too-long", "A frame has more than 32,000,000 bytes.", null, size);
    if (frame.data !== null && rule !== "last-blank-line") {
      const length = (this.#log.bytes - offset).toLocaleString("en");
      this.#note("last-blank-line", `The last ${length} bytes are no whole event.`, null, offset);
    }
    const ping = this.#ping;
    if (ping && assembly.message?.stop_reason && !assembly.isOver) {
      const sentence = "Pings follow the stop reason, and no message_stop.";
      this.#note("pings-for-ever", sentence, ping.event, ping.offset);
    }
    for (const [number, block] of assembly.blocks.entries()) {
      if (!Object.values(block).some((text) => HALF.test(stringIn(text)))) continue;
      const { event, offset: at } = this.#begun[number];
      const sentence = `In the block that begins here, number ${number + 1} of the message.`;
      this.#note("half-characters", sentence, event, at);
    }
    const missing = this.#found.get("usage-missing");
    if (missing && Object.keys(assembly.message?.usage ?? {}).length > 0) {
      this.#found.delete("usage-missing");
      this.#found.set("usage-one-event", { ...missing, rule: "usage-one-event" });
    }
    const { events, ending } = this.#log;
    const open = (ending?.at ?? 0) - (events.at(-1)?.at ?? 0);
    if (assembly.isStopped && (problem === OPEN || open >= LONG_SILENCE_MS)) {
      const sentence = "The connection stayed open after message_stop.";
      this.#note("open-after-stop", sentence, here.event, here.offset);
    }
  }

  /**
   * @param {boolean} isUndelivered whether message_stop is there, but no blank line after it
   * @param {string | null} problem
   * @returns {[string, string]} the rule that the ending breaks, and its words; "" for none
   */
  #ruleOfEnding(isUndelivered, problem) {
    const { blocks, error, isSpliced, isStopped, lost, message } = this.assembly;
    if (error || isSpliced || lost || (!isStopped && problem === TOO_LONG)) return ["", ""];
    if (!isStopped) {
      if (isUndelivered) return ["last-blank-line", "No blank line ended message_stop."];
      if (problem === BROKEN)
        return ["only-message-stop", "The connection broke before message_stop."];
      if (problem === OPEN) return ["only-message-stop", "Nothing more came, and no message_stop."];
      return ["only-message-stop", "The stream ended without message_stop."];
    }
    const calls = blocks.filter(({ type }) => type === "tool_use");
    const hasText = blocks.some(({ type, text }) => type === "text" && text);
    const thinks = blocks.some(({ type }) => type === "thinking");
    const reason = message?.stop_reason;
    if (reason === "end_turn" && calls.length > 0) {
      return ["unanswered-call", "It ended with end_turn, but a tool call waits for its result."];
    }
    if (reason === "tool_use" && calls.length === 0) {
      return ["no-call", "It stopped for a tool, but there is no tool call."];
    }
    if (reason !== "max_tokens") return ["", ""];
    if (!hasText && thinks) {
      return ["thinking-used-up", "No text was received: thinking used up max_tokens."];
    }
    const isCut = calls.some((call) => "partial_json" in call);
    return isCut ? ["open-block", "max_tokens cut a tool's input: do not run the call."] : ["", ""];
  }

  /** The longest time without an event. */
  #findSilence() {
    const { events, ending } = this.#log;
    let longest = LONG_SILENCE_MS;
    let before = 0;
    /** @type {BrokenRule | null} */
    let found = null;
    // After message_stop there is nothing to wait for.
    const end = this.assembly.isStopped || !ending ? [] : [ending];
    for (const [index, { at, offset }] of [...events, ...end].entries()) {
      const ms = at - before;
      before = at;
      if (ms < longest) continue;
      longest = ms;
      const event = index < events.length ? index + 1 : null;
      const where = event === null ? "at the end" : `before event ${event}`;
      const words = `Nothing came for ${(ms / 1000).toFixed(1)} s ${where}.`;
      found = { rule: SILENCE, event, offset, words, count: 1 };
    }
    if (found) this.#found.set(SILENCE, found);
  }
}

/** @type {WeakMap<EventLog, BrokenRule[]>} */
const known = new WeakMap();
// Few enough for one frame of a slow machine.
const EVENTS_PER_TASK = 2000;

/**
 * Inspect a stream in tasks, between which the page stays responsive. It is read once.
 * @param {EventLog} log a stream that has ended
 * @param {Uint8Array} body its bytes, which tell what a body without events is
 * @param {() => Promise<unknown>} pause resolves in the next task
 */
export async function inspectInTasks(log, body, pause) {
  const inspection = new Inspection(log, body);
  while (inspection.advance(EVENTS_PER_TASK)) await pause();
  const found = inspection.end();
  known.set(log, found);
  return found;
}

/**
 * The rules that a stream breaks, in the order of their places. It is read once.
 * @param {EventLog} log a stream that has ended
 * @param {Uint8Array} [body] its bytes, which tell what a body without events is
 */
export function inspect(log, body) {
  let found = known.get(log);
  if (found) return found;
  const inspection = new Inspection(log, body);
  inspection.advance(Number.POSITIVE_INFINITY);
  found = inspection.end();
  known.set(log, found);
  return found;
}

/**
 * What a body that is no stream says: its error, the title of a page, or, if it is an error, its
 * text.
 * @param {string} body
 * @param {boolean} isError
 */
function toldBy(body, isError) {
  const value = parseJson(body);
  if (isObject(value) && "error" in value) return wordsOf(value);
  const title = TITLE.exec(body);
  if (title) return title[1];
  return isError && !body.includes("<") ? body : "";
}

/**
 * The error itself, of an event or a body.
 * @param {any} value
 * @returns {any}
 */
function innermost(value) {
  const error = objectIn(value).error;
  return isObject(error) || typeof error === "string" ? innermost(error) : value;
}

/** @param {unknown} value */
function wordsOf(value) {
  const error = innermost(value);
  if (typeof error === "string") return error;
  const told = [error?.type, error?.message].filter((one) => typeof one === "string");
  return isObject(error) && "message" in error && told.length ? told.join(": ") : jsonOf(error);
}

/** @param {string} text */
function oneLine(text) {
  return short(text.trim().replaceAll(/\s+/g, " "), MOST_WORDS);
}
