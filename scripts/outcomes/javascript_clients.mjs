/**
 * The JavaScript SDK's two ways of streaming, on every case: a process of its own.
 *
 * Reads `{"base": …, "cases": [{"fault", "path", "limit", "guard"}, …]}` from stdin, and writes
 * the SDK's version, the runtime and what came of each case to stdout, as JSON.
 */

import { readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";

/** @typedef {{ fault: string, path: string, limit: number, guard: number }} Case */
/** @typedef {(client: Anthropic, found: Found) => Promise<void>} Way */

// More at once would make the machine slow, which is not what is measured.
const AT_ONCE = 16;

/** @type {Anthropic.MessageCreateParamsNonStreaming} */
const REQUEST = {
  model: "claude-opus-5-5",
  max_tokens: 20_000,
  messages: [{ role: "user", content: "Hello" }],
};

/** What a program has at its end. */
class Found {
  text = "";
  /** @type {string[]} */
  seen = [];
  /** @type {string | null} */
  raised = null;
  /** @type {string | null} */
  cause = null;
  /** @type {number | null} */
  status = null;
  /** @type {string | null} */
  type = null;
  time = "quick";

  /**
   * @param {string} client
   * @param {string} fault
   * @param {string} key
   */
  constructor(client, fault, key) {
    this.client = client;
    this.fault = fault;
    this.key = key;
  }

  /** @param {Anthropic.RawMessageStreamEvent} event */
  see(event) {
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
      this.text += event.delta.text;
    }
    if (!this.seen.includes(event.type)) this.seen.push(event.type);
  }

  /** @param {any} error */
  fail(error) {
    this.raised = error.constructor.name;
    this.cause = causeOf(error);
    this.status = error.status ?? null;
    this.type = error.type ?? null;
    if (error instanceof Anthropic.APIConnectionTimeoutError) this.time = "limit";
  }
}

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

/** @type {Way} */
async function stream(client, found) {
  const stream = client.messages.stream(REQUEST);
  stream.on("streamEvent", (event) => found.see(event));
  await stream.finalMessage();
}

/** @type {Way} */
async function create(client, found) {
  const events = await client.messages.create({ ...REQUEST, stream: true });
  for await (const event of events) found.see(event);
}

/** @type {[string, Way][]} */
const WAYS = [
  ["javascript-stream", stream],
  ["javascript-create", create],
];

/**
 * @param {Way} way
 * @param {Anthropic} client
 * @param {Found} found
 * @param {number} guard in seconds
 */
async function measure(way, client, found, guard) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const hang = new Promise((resolve) => {
    timer = setTimeout(() => resolve("hang"), guard * 1000);
  });
  try {
    found.time = (await Promise.race([way(client, found), hang])) ?? "quick";
  } catch (error) {
    found.fail(error);
  }
  clearTimeout(timer);
  // Once given up, what still comes does not count.
  return JSON.stringify(found);
}

/** @type {{ base: string, cases: Case[] }} */
const asked = JSON.parse(readFileSync(0, "utf8"));
const jobs = asked.cases.flatMap((one, number) =>
  WAYS.map(([name, way]) => () => {
    // A key of its own makes the journal tell this client's requests from all others.
    const found = new Found(name, one.fault, `${name}-${number}`);
    const client = new Anthropic({
      apiKey: found.key,
      baseURL: `${asked.base}/${one.path}`,
      timeout: one.limit * 1000,
    });
    return measure(way, client, found, one.guard);
  }),
);

/** @type {string[]} */
const done = [];
async function work() {
  for (let job = jobs.shift(); job; job = jobs.shift()) done.push(await job());
}
await Promise.all(Array.from({ length: AT_ONCE }, work));

const { version } = JSON.parse(
  readFileSync(
    new URL("../../node_modules/@anthropic-ai/sdk/package.json", import.meta.url),
    "utf8",
  ),
);
const runtime = `node${process.versions.node.split(".")[0]}`;
process.stdout.write(`{"version":"${version}","runtime":"${runtime}","found":[${done}]}`, () =>
  // Streams that hang would keep the process.
  process.exit(),
);
