// Ask Claude, and print the answer as it comes.
// Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.

import { setTimeout as sleep } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import { Agent } from "undici";

const MODEL = "claude-opus-5-5";
const MAX_TOKENS = 1024;
const PROMPT = "Explain in three sentences why the sky is blue.";
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
let shown = "";

const TURNS = 5;
const TOOL: Anthropic.Tool = {
  name: "get_forecast",
  description: "The weather forecast for a place.",
  input_schema: {
    type: "object",
    properties: { location: { type: "string" } },
    required: ["location"],
  },
};

/** The result of a call. */
function run(call: Anthropic.ToolUseBlock): Anthropic.ToolResultBlockParam {
  // Whatever the schema says, it may be anything.
  const { location } = Object(call.input);
  const isKnown = call.name === "get_forecast" && typeof location === "string";
  const content = isKnown
    ? JSON.stringify({ location, rain_mm: 11, high_celsius: 7 })
    : `${call.name} cannot take ${JSON.stringify(call.input)}`;
  if (!isKnown) console.error(`\n[${content}]`);
  return {
    type: "tool_result",
    tool_use_id: call.id,
    content,
    is_error: !isKnown,
  };
}

const dispatcher = new Agent({
  connect: { timeout: 10_000 },
  headersTimeout: 120_000,
  bodyTimeout: 120_000,
});
const client = new Anthropic({
  maxRetries: 0,
  logLevel: "off",
  fetchOptions: { dispatcher },
  defaultHeaders: { "accept-encoding": "identity" },
});

/** What went wrong, in one line. */
function why(error: any) {
  let cause = error;
  while (cause?.cause) cause = cause.cause;
  const line = String(cause?.errors ?? cause).replace(/\s+/g, " ");
  return line.replace(/<(!doctype|html).*/i, "a web page").slice(0, 300);
}

/** Prints the text of a block or a delta, if it has one. */
function show(piece: any) {
  const isText = /^text(_delta)?$/.test(piece?.type);
  const text = isText && typeof piece.text === "string" ? piece.text : "";
  shown += text;
  process.stdout.write(text);
}

/** Prints what comes beside the text. */
function tell(event: any) {
  process.stderr.write(`${event.delta?.thinking ?? ""}`);
  if (event.delta?.signature) console.error();
}

/** The input of a call, or what was sent in its place. */
function inputOf(json: string) {
  try {
    const input = JSON.parse(json);
    if (/^\s*\{/.test(json)) return input;
  } catch {}
  return { INVALID_JSON: json };
}

// The field of each type of delta that brings a piece of it.
const STREAMED = new Map([
  ["text_delta", "text"],
  ["thinking_delta", "thinking"],
  ["input_json_delta", "partial_json"],
]);

/** Puts a delta into its block. */
function add(delta: any, block: any) {
  const { type, signature, citation } = delta ?? {};
  const field = STREAMED.get(type);
  if (field) block[field] = (block[field] ?? "") + (delta[field] ?? "");
  if (type === "signature_delta") block.signature = signature;
  if (type === "citations_delta") {
    block.citations = [...(block.citations ?? []), citation];
  }
}

/** Puts what an event brings into the blocks of the message. */
function collect(event: any, blocks: any[], opened: Map<number, any>) {
  const { type, index, content_block: start, delta } = event;
  if (type === "content_block_start") {
    const isCall = /tool_use$/.test(start?.type);
    opened.set(index, isCall ? { ...start, partial_json: "" } : { ...start });
    blocks.push(opened.get(index));
  }
  const block = opened.get(index);
  if (type === "content_block_delta" && block) add(delta, block);
  if (type === "content_block_stop" && block?.partial_json !== undefined) {
    const { partial_json: json, input = {} } = block;
    block.input = json ? inputOf(json) : input;
    delete block.partial_json;
  }
}

/** Prints the answer as it comes. */
async function ask(messages: Anthropic.MessageParam[]) {
  const asked = client.messages.create({
    model: MODEL,
    max_tokens: MAX_TOKENS,
    stream: true,
    thinking: { type: "adaptive", display: "summarized" },
    tools: [TOOL],
    messages,
  });
  const { data: stream, response } = await asked.withResponse();
  const type = String(response.headers.get("content-type")).toLowerCase();
  if (!type.startsWith("text/event-stream")) {
    throw new Error(`no event stream, but ${type}: ${await response.text()}`);
  }
  const late = () => stream.controller.abort(new Error("no message_stop came"));
  setTimeout(late, 3_600_000).unref();
  let message: Anthropic.Message | undefined;
  const blocks: any[] = [];
  const opened = new Map();
  let current = -1;
  for await (const event of stream) {
    tell(event);
    collect(event, blocks, opened);
    if (event.type === "message_start" && !message) {
      message = event.message;
      message?.content?.forEach(show);
      blocks.push(...(message?.content ?? []));
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
    if (event.type === "message_stop" && message) {
      return { ...message, content: blocks };
    }
  }
  throw new Error("the stream ended before message_stop");
}

/** Whether another request may do better. */
function isTemporary(error: unknown) {
  // Without a key nothing is sent, now or later.
  if (!client.apiKey && !client.authToken) return false;
  if (!(error instanceof Anthropic.APIError)) return true;
  if (NEVER_RETRIED.includes(String(error.errorCode))) return false;
  if (error.status === undefined) {
    return error.type === null || TEMPORARY.includes(error.type);
  }
  const told = error.headers.get("x-should-retry");
  if (told === "true" || told === "false") return told === "true";
  return [408, 409, 429].includes(error.status) || error.status >= 500;
}

/** Seconds until the next try, or undefined if there should be none. */
function pause(error: unknown, tried: number) {
  if (tried === ATTEMPTS || !isTemporary(error)) return undefined;
  const wait = 0.5 * 2 ** (tried - 1) * (0.75 + Math.random() / 4);
  const told = Number(Object(error).headers?.get("retry-after") ?? 0);
  // A date would need a parser, and hours are no wait for a program.
  return told <= LONGEST_WAIT ? Math.max(wait, told) : undefined;
}

/** `ask`, tried again after temporary failures while nothing has been shown. */
async function askAgain(messages: Anthropic.MessageParam[]) {
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

/** Asks, runs what Claude calls, and asks again until it has answered. */
async function converse(messages: Anthropic.MessageParam[]) {
  const history = [...messages];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const message = await askAgain(history);
    const { content, stop_reason: reason } = message;
    const calls = content.filter((block) => block.type === "tool_use");
    if (reason === "end_turn" && calls.length > 0) {
      throw new Error("a tool call waits for its result, but it says end_turn");
    }
    if (reason !== "tool_use") return message;
    if (calls.length === 0 || calls.some((call) => "partial_json" in call)) {
      throw new Error("it stopped for a tool call, but has no whole one");
    }
    const names = calls.map((call) => call.name).join(", ");
    console.error(`\n[turn ${turn}: ${names}]`);
    history.push({ role: "assistant", content });
    history.push({ role: "user", content: calls.map(run) });
  }
  throw new Error(`no answer after ${TURNS} turns`);
}

process.stdout.on("error", () => process.exit(3));
try {
  const message = await converse([{ role: "user", content: PROMPT }]);
  const reason = String(message.stop_reason);
  const isThinking = message.content.every((one) => /thinking$/.test(one.type));
  const isUsedUp = reason === "max_tokens" && isThinking;
  console.error(`\n[${reason}${isUsedUp ? ": thinking used it up" : ""}]`);
  process.exitCode = EXIT_STATUS.get(reason) ?? 3;
} catch (error) {
  console.error(`\n${shown ? "Incomplete" : "Failed"}: ${why(error)}`);
  process.exitCode = shown ? 3 : 1;
}
