/**
 * The JavaScript SDK's two ways of streaming, on every case: a process of its own.
 *
 * Reads the cases from stdin, `[{"fault", "url", "limit", "guard"}, …]`. Writes lines of JSON: the
 * SDK's version and the runtime, then what came of each case, as soon as it has ended.
 */

import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import Anthropic from "@anthropic-ai/sdk";

/** @typedef {{ fault: string, url: string, limit: number, guard: number }} Case */
/** @typedef {(client: Anthropic, see: (event: Anthropic.RawMessageStreamEvent) => void) => Promise<void>} Way */

// More at once would measure a slow machine.
const AT_ONCE = 16;

/** @type {Anthropic.MessageCreateParamsNonStreaming} */
const REQUEST = {
  model: "claude-opus-5-5",
  max_tokens: 20_000,
  messages: [{ role: "user", content: "Hello" }],
};

/** @type {Record<string, Way>} */
const WAYS = {
  "javascript-stream": async (client, see) => {
    await client.messages.stream(REQUEST).on("streamEvent", see).finalMessage();
  },
  "javascript-create": async (client, see) => {
    const events = await client.messages.create({ ...REQUEST, stream: true });
    for await (const event of events) see(event);
  },
};

/**
 * The code of the error that lies deepest, or its class if it has none.
 * @param {any} error
 * @returns {string | null}
 */
function causeOf(error) {
  let cause = error.cause;
  while (cause?.cause) cause = cause.cause;
  return cause ? (cause.code ?? cause.constructor.name) : null;
}

/**
 * What a program has at its end.
 * @param {string} name
 * @param {Case} one
 * @param {string} key a key of its own makes the journal tell this client's requests from all others
 */
async function measure(name, one, key) {
  let text = "";
  let time = "quick";
  /** @type {any} */
  let error;
  const seen = new Set();
  const client = new Anthropic({ apiKey: key, baseURL: one.url, timeout: one.limit * 1000 });
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const hang = new Promise((resolve) => {
    timer = setTimeout(() => resolve("hang"), one.guard * 1000);
  });
  const done = WAYS[name](client, (event) => {
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
      text += event.delta.text;
    }
    seen.add(event.type);
  });
  try {
    time = (await Promise.race([done, hang])) ?? "quick";
  } catch (raised) {
    error = raised;
    if (error instanceof Anthropic.APIConnectionTimeoutError) time = "limit";
  }
  clearTimeout(timer);
  return {
    client: name,
    fault: one.fault,
    key,
    text,
    seen: [...seen],
    raised: error ? error.constructor.name : null,
    cause: error ? causeOf(error) : null,
    status: error?.status ?? null,
    type: error?.type ?? null,
    printed: error ? inspect(error) : "",
    time,
  };
}

const sdk = new URL("../../node_modules/@anthropic-ai/sdk/package.json", import.meta.url);
const runtime = `node${process.versions.node.split(".")[0]}`;
console.log(JSON.stringify({ version: JSON.parse(readFileSync(sdk, "utf8")).version, runtime }));

/** @type {Case[]} */
const cases = JSON.parse(readFileSync(0, "utf8"));
const jobs = cases.flatMap((one, number) =>
  Object.keys(WAYS).map((name) => () => measure(name, one, `${name}-${number}`)),
);
async function work() {
  for (let job = jobs.shift(); job; job = jobs.shift()) console.log(JSON.stringify(await job()));
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
// Streams that hang would keep the process.
process.exit();
