// Ask Claude, and print the answer as it comes.
// Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.

import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const KEY = process.env.ANTHROPIC_API_KEY;
const BASE = process.env.ANTHROPIC_BASE_URL || "https://api.anthropic.com";
const MODEL = "claude-opus-5-5";
const MAX_TOKENS = 1024;
const PROMPT = "Explain in three sentences why the sky is blue.";
const SILENCE_TIMEOUT = 120;
const EXIT_STATUS = new Map([
  ["end_turn", 0],
  ["stop_sequence", 0],
  ["tool_use", 0],
  ["refusal", 4],
  ["max_tokens", 5],
  ["model_context_window_exceeded", 5],
]);
// An error inside a stream comes with status 200. These are worth another try.
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

/** @param {any} told An error as the API tells it, or what came instead. */
function explain(told) {
  const { error, request_id: id = "unknown" } = Object(told);
  if (error?.type) return `${error.type}: ${error.message} (request ${id})`;
  return `no event stream, but ${JSON.stringify(told).slice(0, 200)}`;
}

/** @param {any} error What `fetch` throws wraps what went wrong. */
function why(error) {
  return String(error.cause?.errors?.[0] ?? error.cause ?? error);
}

/** An answer that is none, and what it says; status 200 inside a stream. */
class ApiError extends Error {
  name = "ApiError";

  /** @param {any} told @param {number} status @param {Headers} headers */
  constructor(told, status, headers) {
    super(`HTTP ${status}: ${explain(told)}`);
    this.told = told;
    this.status = status;
    this.headers = headers;
  }
}

/** Yields the events of an answer. @param {any} body */
async function* receive(body) {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(new Error(`no byte for ${SILENCE_TIMEOUT} s`));
  }, 1000 * SILENCE_TIMEOUT);
  try {
    const response = await fetch(`${BASE.replace(/\/$/, "")}/v1/messages`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${KEY}`,
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
      signal: limit.signal,
    });
    timer.refresh();
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || !type.startsWith("text/event-stream")) {
      const told = await response.json().catch(() => type);
      throw new ApiError(told, response.status, response.headers);
    }
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let rest = "";
    let data = "";
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      const text = rest + decoder.decode(chunk, { stream: true });
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("data:")) data += `${line.slice(5)}\n`;
        if (line === "" && data) {
          yield JSON.parse(data);
          data = "";
        }
      }
    }
    // The last line end, and the blank line after it, may be missing.
    if (rest.startsWith("data:")) data += rest.slice(5);
    if (data) yield JSON.parse(data);
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

/** Prints the answer as it comes. @param {object[]} messages */
async function ask(messages) {
  const body = {
    model: MODEL,
    max_tokens: MAX_TOKENS,
    stream: true,
    messages,
  };
  /** @type {any} */
  let message = {};
  for await (const event of receive(body)) {
    const { type, delta } = event;
    if (type === "message_delta") Object.assign(message, delta);
    if (type === "message_stop") return message;
    if (type === "error") throw new ApiError(event, 200, new Headers());
    if (delta?.type === "text_delta") {
      process.stdout.write(delta.text);
      shown += delta.text;
    }
  }
  throw new Error("the stream ended before message_stop");
}

/** @param {unknown} error Whether another request may do better. */
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
  const headers = error instanceof ApiError ? error.headers : null;
  const told = Number(headers?.get("retry-after") ?? 0);
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
  console.error(`\n[${reason}]`);
  process.exitCode = EXIT_STATUS.get(reason) ?? 3;
} catch (error) {
  console.error(`\n${shown ? "Incomplete" : "Failed"}: ${why(error)}`);
  keep();
  process.exitCode = shown ? 3 : 1;
}

// Once all is written, whatever connection may still be open.
process.stdout.write("", () => process.exit());
