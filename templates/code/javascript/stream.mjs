%% set simple = not (retry or tool or count)
%% set asking = "askAgain" if retry else "askGuarded" if breaker else "ask"
%% set inside = "  " if stop else ""
%% set deeper = "  " if stop or breaker else ""
%% set passed_over = " Unknown events are passed over, and pings stay inside the SDK." if all_events else ""
%% set whole = "`emitted` resolves at `message_stop`, which alone says that an answer is whole: a connection that breaks or stays open after it changes nothing. `finalMessage` rejects if a stream ends early, for which `emitted` would wait in vain." ~ passed_over if stream else "Without streaming nothing is shown until the whole answer is there. A connection that is silent for so long may be cut on its way."
%% set notes_why = " What the newest models say between calls comes as thinking, and only with this `display`: it goes to stderr, since it is not the answer." if notes else ""
⟦# The request and what is shown of its answer: `message`, or `stream` of which it is to come. #⟧
%% macro exchange(messages)
%% set asked = "const stream = client.messages.stream(" if stream else "const message = await client.messages.create("
%% if stop
  {{ asked }}
    {
%% else
  {{ asked }}{
%% endif
{{ inside }}    model: MODEL,
{{ inside }}    max_tokens: MAX_TOKENS,
%% if system
{{ inside }}    system: SYSTEM,
%% endif
%% if stop_sequences
{{ inside }}    stop_sequences: STOP_SEQUENCES,
%% endif
%% if display
{{ inside }}    thinking: { type: "adaptive", display: {{ display }} },
%% endif
%% if effort
{{ inside }}    output_config: { effort: {{ effort }} },
%% endif
%% if tool
{{ inside }}    tools: [TOOL],
%% endif
{{ inside }}    {{ messages }},
%% if stop
    },
    { signal: stopped.signal },
  );
%% else
  });
%% endif
%% if stream
%% if request_id
  stream.on("connect", () => console.error(`[request ${stream.request_id}]`));
%% endif
  stream.on("text", (text) => {
    shown += text;
    process.stdout.write(text);
  });
%% if notes and not all_events
  stream.on("thinking", (thinking) => process.stderr.write(thinking));
  stream.on("signature", () => console.error());
%% endif
%% if all_events
  stream.on("streamEvent", (event) => {
    if (event.type === "content_block_start") {
      console.error(`\n[${event.content_block.type}]`);
    }
  });
  stream.on("thinking", (thinking) => process.stderr.write(thinking));
  stream.on("inputJson", (json) => process.stderr.write(json));
  stream.on("citation", (citation) => {
    console.error(`[cited: ${citation.cited_text}]`);
  });
%% endif
%% else
%% if request_id
  console.error(`[request ${message._request_id}]`);
%% endif
  for (const block of message.content) {
    if (block.type === "text") {
      shown += block.text;
      process.stdout.write(block.text);
    }
%% if notes
    if (block.type === "thinking") console.error(block.thinking);
%% endif
  }
%% endif
%% endmacro
¶ What it does | The exit status tells a script what it has: a whole answer, a part of one, or none.
// Ask Claude, and print the answer{{ " as it comes" if stream else "" }}.
// Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short{{ "," if breaker else "." }}
%% if breaker
// 6 fallback.
%% endif

%% if save and keep
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
%% elif save
import { appendFileSync, rmSync } from "node:fs";
%% elif keep
import { writeFileSync } from "node:fs";
%% endif
%% if retry
import { setTimeout as sleep } from "node:timers/promises";
%% endif
import Anthropic from "@anthropic-ai/sdk";
import { Agent } from "undici";

¶ What is asked | All that you chose. A stop reason that is not listed, such as one that does not exist yet, counts as partial.
%% if ends
// Deprecated: its end of life is {{ ends }}.
%% endif
const MODEL = {{ model }};
const MAX_TOKENS = {{ max_tokens }};
%% if system
{{ constant("SYSTEM", system) }}
%% endif
{{ constant("PROMPT", prompt) }}
%% if stop_sequences
{{ constant_list("STOP_SEQUENCES", stop_sequences) }}
%% endif
%% if breaker
{{ constant("FALLBACK", fallback) }}
%% endif
%% include "_javascript/exit_status.mjs"
%% include "_javascript/retrying.mjs"
%% if keep
const PARTIAL = "partial-answer.txt";
%% endif
%% if save
const RAW = "stream.sse";
%% endif
%% if tool

¶ The tool | Stands for yours. A call that cannot be done is answered too: Claude reads why, and can try again.
const TURNS = 5;
%% if not typed
/** @type {Anthropic.Tool} */
%% endif
const TOOL{{ ": Anthropic.Tool" if typed else "" }} = {
  name: "get_forecast",
  description: "The weather forecast for a place.",
  input_schema: {
    type: "object",
    properties: { location: { type: "string" } },
    required: ["location"],
  },
};

%% if typed
/** The result of a call. */
function run(call: Anthropic.ToolUseBlock): Anthropic.ToolResultBlockParam {
%% else
/**
 * The result of a call.
 * @param {Anthropic.ToolUseBlock} call
 * @returns {Anthropic.ToolResultBlockParam}
 */
function run(call) {
%% endif
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
%% endif
%% if breaker

%% include "_javascript/breaker.mjs"
%% endif

%% if save
¶ The raw stream | Every byte of a stream goes into a file on its way to the SDK, pings and padding included. Compression is switched off, or they would be compressed bytes.
%% if typed
/** Copies the bytes of a stream to the file as they come. */
const copyingFetch: typeof fetch = async (url, init) => {
%% else
/** @type {typeof fetch} Copies the bytes of a stream to the file as they come. */
const copyingFetch = async (url, init) => {
%% endif
  const response = await fetch(url, init);
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("text/event-stream")) return response;
%% if typed
  const copy = new TransformStream<Uint8Array, Uint8Array>({
%% else
  const copy = new TransformStream({
%% endif
    transform(chunk, controller) {
      appendFileSync(RAW, chunk);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(copy), response);
};

%% endif
¶ The client | The SDK's `timeout` covers the head of a response only. This agent, of the library that Node's `fetch` is made of, also limits the silence between two bytes, pings included. {{ "The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence a loop below, and `maxRetries: 0`." if retry else "Before an answer begins, the SDK tries a failed request twice more, also on a spend limit: three requests in all." }} Its log is off: it would print an unreadable event beside the message that tells of it.
%% include "_javascript/agent.mjs"
const client = new Anthropic({
%% if retry
  maxRetries: 0,
%% endif
  logLevel: "off",
  fetchOptions: { dispatcher },
%% if save
  fetch: copyingFetch,
  defaultHeaders: { "accept-encoding": "identity" },
%% endif
});
%% if stop
const stopped = new AbortController();
process.once("SIGINT", () => stopped.abort());
%% endif
// Nobody reads any more, as after `| head`.
process.stdout.on("error", () => process.exit(3));
let shown = "";

%% if typed
/** What went wrong in the first place: the SDK may only wrap it. */
function why(error: unknown): string {
%% else
/** @param {unknown} error The SDK's, which may only wrap what went wrong. */
function why(error) {
%% endif
  let cause = error;
  while (cause instanceof Error && cause.cause) cause = cause.cause;
  if (cause instanceof AggregateError) return cause.errors.join(", ");
  return String(cause);
}
%% if not simple

¶ One request | {{ whole }}{{ notes_why }}
%% if typed
/** {{ "Prints the answer as it comes." if stream else "Prints the answer once it is there." }} */
async function ask(
  messages: Anthropic.MessageParam[],
): Promise<Anthropic.Message> {
%% else
/**
 * {{ "Prints the answer as it comes." if stream else "Prints the answer once it is there." }}
 * @param {Anthropic.MessageParam[]} messages
%% if stream
 * @returns {Promise<Anthropic.Message>}
%% endif
 */
async function ask(messages) {
%% endif
%% if stream
{{ exchange("messages") }}  // The first resolves at `message_stop`, whatever the connection does later;
  // the second rejects if that never comes.
  return Promise.race([stream.emitted("message"), stream.finalMessage()]);
%% else
{{ exchange("messages") }}  return message;
%% endif
}
%% endif
%% if temporary

¶ What is temporary | By status and by type, as the API documents them. No retry gets past the monthly usage threshold of your API tier, or the spend limit of your contract. What is no answer of the API at all is a broken connection, or bytes that are no stream.
%% if typed
/** Whether another request may do better. */
function isTemporary(error: unknown): boolean {
%% else
/**
 * Whether another request may do better.
 * @param {unknown} error
 */
function isTemporary(error) {
%% endif
%% if stop
  if (error instanceof Anthropic.APIUserAbortError) return false;
%% endif
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
%% endif
%% if retry

¶ The pause | Twice as long each time, with chance in it, so that many clients do not come back at the same moment. What the server says counts more.
%% if typed
/** Seconds until the next try, or undefined if there should be none. */
function pause(error: unknown, tried: number): number | undefined {
%% else
/**
 * Seconds until the next try, or undefined if there should be none.
 * @param {unknown} error
 * @param {number} tried
 */
function pause(error, tried) {
%% endif
  if (tried === ATTEMPTS || !isTemporary(error)) return undefined;
  const wait = 0.5 * 2 ** (tried - 1) * (0.75 + Math.random() / 4);
  const headers = error instanceof Anthropic.APIError ? error.headers : null;
  const told = Number(headers?.get("retry-after") ?? 0);
  // A date would need a parser, and hours are no wait for a program.
  return told <= LONGEST_WAIT ? Math.max(wait, told) : undefined;
}
%% endif
%% if resume

¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes what has come. Expect a word or two to differ at the join." }}
%% if typed
/** The messages of a request that goes on after the text that came. */
function askForTheRest(
  messages: Anthropic.MessageParam[],
  text: string,
): Anthropic.MessageParam[] {
%% else
/**
 * The messages of a request that goes on after the text that came.
 * @param {Anthropic.MessageParam[]} messages
 * @param {string} text
 * @returns {Anthropic.MessageParam[]}
 */
function askForTheRest(messages, text) {
%% endif
%% if prefill
  return [...messages, { role: "assistant", content: text.trimEnd() }];
%% else
%% include "_javascript/recipe.mjs"
%% endif
}
%% endif
%% if keep

%% include "_javascript/keep.mjs"
%% endif
%% if retry

%% if resume
¶ Trying again | What has been shown stays, and the next request asks for the rest.
%% else
¶ Trying again | Once text has been shown, a new answer would only repeat it.
%% endif
%% set what = "`ask`, tried again after temporary failures, for what has not come yet." if resume else "`ask`, tried again after temporary failures while nothing has been shown."
%% if typed
/** {{ what }} */
async function askAgain(
  messages: Anthropic.MessageParam[],
): Promise<Anthropic.Message> {
%% else
/**
 * {{ what }}
 * @param {Anthropic.MessageParam[]} messages
 */
async function askAgain(messages) {
%% endif
  const before = shown.length;
%% if resume
  let wanted = messages;
%% endif
  for (let tried = 1; ; tried += 1) {
%% if breaker
    breaker.check();
%% endif
    try {
%% if breaker
      const message = await ask({{ "wanted" if resume else "messages" }});
      breaker.failures = 0;
      return message;
%% else
      return await ask({{ "wanted" if resume else "messages" }});
%% endif
    } catch (error) {
%% if breaker
      if (isTemporary(error)) breaker.failed();
%% endif
      const wait = pause(error, tried);
%% if resume
      if (wait === undefined) throw error;
      const came = shown.slice(before);
      if (came) wanted = askForTheRest(messages, came);
      const next = `${came.length} characters came, going on`;
      console.error(`\n[${why(error)}; ${next} in ${wait.toFixed(1)} s]`);
%% else
      if (wait === undefined || shown.length > before) throw error;
      console.error(`[${why(error)}; again in ${wait.toFixed(1)} s]`);
%% endif
%% if stop
      await sleep(1000 * wait, undefined, { signal: stopped.signal });
%% else
      await sleep(1000 * wait);
%% endif
    }
  }
}
%% elif breaker

¶ One request, guarded | Only failures of the service count: a request that is wrong says nothing about it. A failure counts once the SDK's own retries are used up.
%% if typed
/** `ask`, unless the circuit is open. */
async function askGuarded(
  messages: Anthropic.MessageParam[],
): Promise<Anthropic.Message> {
%% else
/**
 * `ask`, unless the circuit is open.
 * @param {Anthropic.MessageParam[]} messages
 */
async function askGuarded(messages) {
%% endif
  breaker.check();
  try {
    const message = await ask(messages);
    breaker.failures = 0;
    return message;
  } catch (error) {
    if (isTemporary(error)) breaker.failed();
    throw error;
  }
}
%% endif
%% if tool

¶ The loop | Every block goes back as it came, thinking and its signature included. Nothing is run on a call that was cut: its stop reason is another one.
%% if typed
/** Asks, runs what Claude calls, and asks again until it has answered. */
async function converse(
  messages: Anthropic.MessageParam[],
): Promise<Anthropic.Message> {
%% else
/**
 * Asks, runs what Claude calls, and asks again until it has answered.
 * @param {Anthropic.MessageParam[]} messages
 */
async function converse(messages) {
%% endif
  const history = [...messages];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const message = await {{ asking }}(history);
%% if usage
    report(message.usage);
%% endif
    if (message.stop_reason !== "tool_use") return message;
    const calls = message.content.filter((block) => block.type === "tool_use");
    const names = calls.map((call) => call.name).join(", ");
    console.error(`\n[turn ${turn}: ${names}]`);
    history.push({ role: "assistant", content: message.content });
    history.push({ role: "user", content: calls.map(run) });
  }
  throw new Error(`no answer after ${TURNS} turns`);
}
%% endif
%% if usage

¶ Usage and cost | The usage of a whole message: thinking is part of the output, and what comes from a cache is not part of `input_tokens`. Prices change, so look them up before you rely on them.
%% include "_javascript/prices.mjs"

%% if typed
/** Prints tokens and cost, without surcharges for speed or region. */
function report(usage: Anthropic.Usage): void {
%% else
/**
 * Prints tokens and cost, without surcharges for speed or region.
 * @param {Anthropic.Usage} usage
 */
function report(usage) {
%% endif
  const { input_tokens: input, output_tokens: output } = usage;
  const written = usage.cache_creation_input_tokens ?? 0;
  const written1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const read = usage.cache_read_input_tokens ?? 0;
  const thinking = usage.output_tokens_details?.thinking_tokens ?? 0;
  const cost =
    input * PRICE.input +
    (written - written1h) * PRICE.write5m +
    written1h * PRICE.write1h +
    read * PRICE.read +
    output * PRICE.output;
  console.error(
    `\n[${input + written + read} tokens in, ${output} out, ` +
      `${thinking} of them thinking: $${(cost / 1_000_000).toFixed(6)}]`,
  );
}
%% endif
%% if count

¶ Counting first | Free, with limits of its own, and an estimate. If it fails, the request is made all the same.
%% if typed
/** Tells how many tokens the request has. */
async function count(messages: Anthropic.MessageParam[]): Promise<void> {
%% else
/**
 * Tells how many tokens the request has.
 * @param {Anthropic.MessageParam[]} messages
 */
async function count(messages) {
%% endif
  try {
%% if stop
    const counted = await client.messages.countTokens(
      {
%% else
    const counted = await client.messages.countTokens({
%% endif
{{ inside }}      model: MODEL,
%% if system
{{ inside }}      system: SYSTEM,
%% endif
%% if tool
{{ inside }}      tools: [TOOL],
%% endif
{{ inside }}      messages,
%% if stop
      },
      { signal: stopped.signal },
    );
%% else
    });
%% endif
    console.error(`[about ${counted.input_tokens} tokens in]`);
  } catch (error) {
    console.error(`[not counted: ${why(error)}]`);
  }
}
%% endif

%% if simple
¶ The answer | {{ whole }}
%% else
¶ From start to end | `process.exit` alone would cut off what has not been written yet.
%% endif
try {
%% if save
  rmSync(RAW, { force: true });
%% endif
%% if simple and stream
{{ exchange('messages: [{ role: "user", content: PROMPT }]') }}  // The first resolves at `message_stop`, whatever the connection does later;
  // the second rejects if that never comes.
  const ends = [stream.emitted("message"), stream.finalMessage()];
  const message = await Promise.race(ends);
%% elif simple
{{ exchange('messages: [{ role: "user", content: PROMPT }]') }}
%% elif count
%% if typed
  const messages: Anthropic.MessageParam[] = [
    { role: "user", content: PROMPT },
  ];
%% else
  /** @type {Anthropic.MessageParam[]} */
  const messages = [{ role: "user", content: PROMPT }];
%% endif
  await count(messages);
  const message = await {{ "converse" if tool else asking }}(messages);
%% else
  const message = await {{ "converse" if tool else asking }}([{ role: "user", content: PROMPT }]);
%% endif
%% if usage and not tool
  report(message.usage);
%% endif
  console.error(`\n[${message.stop_reason}]`);
  process.exitCode = EXIT_STATUS.get(String(message.stop_reason)) ?? 3;
} catch (error) {
%% if stop
  if (stopped.signal.aborted) {
    console.error("\nStopped.");
%% if keep
    keep();
%% endif
    process.exitCode = 130;
%% endif
%% if breaker
  {{ "} else if" if stop else "if" }} (!shown && isTemporary(error)) {
    console.error(`Fallback shown: ${why(error)}`);
    console.log(FALLBACK);
    process.exitCode = 6;
%% endif
%% if stop or breaker
  } else {
%% endif
{{ deeper }}  console.error(`\n${shown ? "Incomplete" : "Failed"}: ${why(error)}`);
%% if keep
{{ deeper }}  keep();
%% endif
{{ deeper }}  process.exitCode = shown ? 3 : 1;
%% if stop or breaker
  }
%% endif
}

// Once all is written, whatever connection may still be open.
process.stdout.write("", () => process.exit());
