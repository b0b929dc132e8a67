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
});
// Nobody reads any more, as after `| head`.
process.stdout.on("error", () => process.exit(3));
let shown = "";

/** What went wrong in the first place: the SDK may only wrap it. */
function why(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause) cause = cause.cause;
  if (cause instanceof AggregateError) return cause.errors.join(", ");
  return String(cause);
}

/** Prints the answer as it comes. */
async function ask(
  messages: Anthropic.MessageParam[],
): Promise<Anthropic.Message> {
  const stream = client.messages.stream({
    model: MODEL,
    max_tokens: MAX_TOKENS,
    thinking: { type: "adaptive", display: "summarized" },
    tools: [TOOL],
    messages,
  });
  stream.on("text", (text) => {
    shown += text;
    process.stdout.write(text);
  });
  stream.on("thinking", (thinking) => process.stderr.write(thinking));
  stream.on("signature", () => console.error());
  // The first resolves at `message_stop`, whatever the connection does later;
  // the second rejects if that never comes.
  return Promise.race([stream.emitted("message"), stream.finalMessage()]);
}

/** Whether another request may do better. */
function isTemporary(error: unknown): boolean {
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
function pause(error: unknown, tried: number): number | undefined {
  if (tried === ATTEMPTS || !isTemporary(error)) return undefined;
  const wait = 0.5 * 2 ** (tried - 1) * (0.75 + Math.random() / 4);
  const headers = error instanceof Anthropic.APIError ? error.headers : null;
  const told = Number(headers?.get("retry-after") ?? 0);
  // A date would need a parser, and hours are no wait for a program.
  return told <= LONGEST_WAIT ? Math.max(wait, told) : undefined;
}

/** `ask`, tried again after temporary failures while nothing has been shown. */
async function askAgain(
  messages: Anthropic.MessageParam[],
): Promise<Anthropic.Message> {
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
async function converse(
  messages: Anthropic.MessageParam[],
): Promise<Anthropic.Message> {
  const history = [...messages];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const message = await askAgain(history);
    if (message.stop_reason !== "tool_use") return message;
    const calls = message.content.filter((block) => block.type === "tool_use");
    const names = calls.map((call) => call.name).join(", ");
    console.error(`\n[turn ${turn}: ${names}]`);
    history.push({ role: "assistant", content: message.content });
    history.push({ role: "user", content: calls.map(run) });
  }
  throw new Error(`no answer after ${TURNS} turns`);
}

try {
  const message = await converse([{ role: "user", content: PROMPT }]);
  console.error(`\n[${message.stop_reason}]`);
  process.exitCode = EXIT_STATUS.get(String(message.stop_reason)) ?? 3;
} catch (error) {
  console.error(`\n${shown ? "Incomplete" : "Failed"}: ${why(error)}`);
  process.exitCode = shown ? 3 : 1;
}

// Once all is written, whatever connection may still be open.
process.stdout.write("", () => process.exit());
