// Ask Claude, and print the answer as it comes.
// Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.

import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const KEY = process.env.ANTHROPIC_API_KEY;
const BASE = process.env.ANTHROPIC_BASE_URL || "https://api.anthropic.com";
const MODEL = "claude-opus-5-5";
const MAX_TOKENS = 1024;
const PROMPT = "Explain in three sentences why the sky is blue.";
const SILENCE_TIMEOUT = 120; // seconds
const EXIT_STATUS = new Map([
  ["end_turn", 0],
  ["stop_sequence", 0],
  ["tool_use", 0],
  ["refusal", 4],
  ["max_tokens", 5],
  ["model_context_window_exceeded", 5],
]);
// Errors inside a stream, which have no status, that are worth another try.
const TEMPORARY = [
  "overloaded_error",
  "api_error",
  "rate_limit_error",
  "timeout_error",
];
// No retry gets past a spend limit.
const NEVER_RETRIED = [
  "enforced_spend_limit_reached",
  "contract_spend_limit_reached",
];
const ATTEMPTS = 3;
const LONGEST_WAIT = 60;
const PARTIAL = "partial-answer.txt";
let shown = "";

/** What went wrong, in one line. @param {any} error */
function why(error) {
  const cause = error.cause?.errors?.[0] ?? error.cause ?? error;
  return String(cause).slice(0, 300);
}

/** An answer that is none, and what it says; status 200 inside a stream. */
class ApiError extends Error {
  name = "ApiError";

  /** @param {string} words @param {any} told @param {Response} response */
  constructor(words, told, { status, headers }) {
    super(words);
    this.told = told;
    this.status = status;
    this.headers = headers;
  }
}

/** The event of a frame. @param {string} name @param {string} data */
function eventOf(name, data) {
  /** @type {any} */
  let value = data;
  try {
    value = JSON.parse(data);
  } catch {}
  if (name === "error" || value?.type === "error") {
    throw new ApiError(data.trim(), value, new Response());
  }
  if (Object(value) === value) return { type: name, ...value };
  if (!/^(message|content_block)_/.test(name)) return { type: name };
  throw new Error(`${name} without JSON: ${data.slice(0, 80)}`);
}

/**
 * Yields the events of an answer.
 * @param {string} path
 * @param {any} body
 * @param {AbortController} limit
 */
async function* receive(path, body, limit) {
  const timer = setTimeout(() => {
    limit.abort(new Error(`no byte for ${SILENCE_TIMEOUT} s`));
  }, 1000 * SILENCE_TIMEOUT);
  try {
    const response = await fetch(BASE.replace(/\/$/, "") + path, {
      method: "POST",
      headers: {
        authorization: `Bearer ${KEY}`,
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
        "accept-encoding": "identity",
      },
      body: JSON.stringify(body),
      signal: limit.signal,
    });
    const type = String(response.headers.get("content-type")).toLowerCase();
    if (!response.ok || !type.startsWith("text/event-stream")) {
      const told = await response.json().catch(() => "no JSON");
      const words = `HTTP ${response.status}, ${type}: ${JSON.stringify(told)}`;
      throw new ApiError(words, told, response);
    }
    const decoder = new TextDecoder();
    let [rest, name, data] = ["", "", ""];
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      const text = rest + decoder.decode(chunk, { stream: true });
      if (text.length + data.length > 32_000_000) {
        throw new Error("an event of more than 32 million characters");
      }
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [field] = line.split(":", 1);
        const value = line.slice(field.length + 1).replace(/^ /, "");
        if (field === "event") name = value;
        if (field === "data") data += `${value}\n`;
        if (line) continue;
        if (data) yield eventOf(name, data);
        [name, data] = ["", ""];
      }
    }
    // The last line end, and the blank line after it, may be missing.
    if (rest.startsWith("data:")) data += rest.slice(5);
    if (data) yield eventOf(name, data);
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

/** Prints the text of a block or a delta, if it has one. @param {any} piece */
function show(piece) {
  const isText = /^text(_delta)?$/.test(piece?.type);
  const text = isText && typeof piece.text === "string" ? piece.text : "";
  shown += text;
  process.stdout.write(text);
}

/** Prints the answer as it comes. @param {object[]} messages */
async function ask(messages) {
  const body = {
    model: MODEL,
    max_tokens: MAX_TOKENS,
    stream: true,
    messages,
  };
  const limit = new AbortController();
  const late = () => limit.abort(new Error("no message_stop came"));
  setTimeout(late, 3_600_000).unref();
  /** @type {any} */
  let message;
  let current = -1;
  for await (const event of receive("/v1/messages", body, limit)) {
    if (event.type === "message_start" && !message) {
      message = event.message;
      message?.content?.forEach(show);
    }
    if (event.type === "message_start" && message?.id !== event.message?.id) {
      throw new Error("another answer began before this one was complete");
    }
    if (event.type === "content_block_start") current = event.index;
    if (event.type === "content_block_start") show(event.content_block);
    if (event.type === "content_block_delta") {
      if (event.index !== current) console.error("[out of order]");
      current = event.index;
      show(event.delta);
    }
    if (event.type === "message_delta" && message) {
      message.stop_reason = event.delta?.stop_reason ?? message.stop_reason;
      setTimeout(late, 10_000).unref();
    }
    if (event.type === "message_stop" && message) return message;
  }
  throw new Error("the stream ended before message_stop");
}

/** Whether another request may do better. @param {unknown} error */
function isTemporary(error) {
  // Without a key nothing is sent, now or later.
  if (!KEY) return false;
  if (!(error instanceof ApiError)) return true;
  const { type, details } = Object(error.told?.error);
  if (NEVER_RETRIED.includes(details?.error_code)) return false;
  if (error.status === 200 && type) return TEMPORARY.includes(type);
  const told = error.headers.get("x-should-retry");
  if (told === "true" || told === "false") return told === "true";
  // What comes with status 200 and is no stream may be the page of a proxy.
  return [200, 408, 409, 429].includes(error.status) || error.status >= 500;
}

/**
 * Seconds until the next try, or undefined if there should be none.
 * @param {unknown} error
 * @param {number} tried
 */
function pause(error, tried) {
  if (tried === ATTEMPTS || !isTemporary(error)) return undefined;
  const wait = 0.5 * 2 ** (tried - 1) * (0.75 + Math.random() / 4);
  const told = Number(Object(error).headers?.get("retry-after") ?? 0);
  // A date would need a parser, and hours are no wait for a program.
  return told <= LONGEST_WAIT ? Math.max(wait, told) : undefined;
}

/** Saves the text that came. */
function keep() {
  if (!shown) return;
  writeFileSync(PARTIAL, shown);
  console.error(`Kept ${shown.length} characters in ${PARTIAL}`);
}

/**
 * `ask`, tried again after temporary failures while nothing has been shown.
 * @param {object[]} messages
 */
async function askAgain(messages) {
  const before = shown.length;
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask(messages);
    } catch (error) {
      const wait = pause(error, tried);
      if (wait === undefined || shown.length > before) throw error;
      console.error(`[${why(error)}; again in ${wait.toFixed(1)} s]`);
      await sleep(1000 * wait);
    }
  }
}

process.stdout.on("error", () => process.exit(3));
try {
  if (!KEY) throw new Error("no ANTHROPIC_API_KEY");
  const message = await askAgain([{ role: "user", content: PROMPT }]);
  const reason = String(message.stop_reason);
  const isUsedUp = reason === "max_tokens" && !shown;
  console.error(`\n[${reason}${isUsedUp ? ": thinking used it up" : ""}]`);
  process.exitCode = EXIT_STATUS.get(reason) ?? 3;
} catch (error) {
  console.error(`\n${shown ? "Incomplete" : "Failed"}: ${why(error)}`);
  keep();
  process.exitCode = shown ? 3 : 1;
}
