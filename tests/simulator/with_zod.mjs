/**
 * Runs tools of zod's types with the JavaScript SDK's tool runner, and asks for output of these types.
 * zod judges each value.
 *
 * Reads `{"base": …}` from stdin; writes what came of each.
 */

import { readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import * as z from "zod";

// The most that the simulator calls in one answer.
const TOOLS_AT_ONCE = 10;

/** @type {{ base: string }} */
const { base } = JSON.parse(readFileSync(0, "utf8"));

/** @type {z.ZodType} */
const CATEGORY = z.object({
  name: z.string(),
  get within() {
    return z.array(CATEGORY);
  },
});
/** @type {z.ZodType} */
const LINK = z.object({
  value: z.int(),
  get next() {
    return LINK.nullable();
  },
});
/** @type {z.ZodType} */
const TREE = z.lazy(() => z.object({ leaf: z.boolean(), branches: z.array(TREE).max(3) }));
const ADDRESS = z.object({ street: z.string().min(1), code: z.string().length(5) });

/** @type {Record<string, z.ZodType>} */
const TYPES = {
  string: z.string(),
  string_min: z.string().min(30),
  string_max: z.string().max(3),
  string_length: z.string().length(8),
  string_max_20000: z.string().max(20_000),
  number: z.number(),
  number_int: z.number().int(),
  int: z.int(),
  int32: z.int32(),
  uint32: z.uint32(),
  positive: z.number().positive(),
  negative: z.number().negative(),
  nonnegative: z.number().nonnegative(),
  min_100000: z.number().min(100_000),
  max_below_zero: z.number().max(-5),
  between: z.number().gt(0.25).lt(0.5),
  int_between: z.int().min(1_000_000).max(1_000_001),
  multipleOf: z.number().multipleOf(7).min(20),
  multipleOf_cents: z.number().multipleOf(0.01).positive(),
  boolean: z.boolean(),
  null: z.null(),
  any: z.any(),
  email: z.email(),
  uuid: z.uuid(),
  uuidv7: z.uuidv7(),
  url: z.url(),
  httpUrl: z.httpUrl(),
  hostname: z.hostname(),
  emoji: z.emoji(),
  base64: z.base64(),
  base64url: z.base64url(),
  hex: z.hex(),
  jwt: z.jwt(),
  nanoid: z.nanoid(),
  cuid2: z.cuid2(),
  ulid: z.ulid(),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  cidrv4: z.cidrv4(),
  cidrv6: z.cidrv6(),
  mac: z.mac(),
  e164: z.e164(),
  sha256: z.hash("sha256"),
  iso_date: z.iso.date(),
  iso_time: z.iso.time(),
  iso_datetime: z.iso.datetime(),
  iso_datetime_offset: z.iso.datetime({ offset: true }),
  iso_datetime_local: z.iso.datetime({ local: true }),
  iso_datetime_precision: z.iso.datetime({ precision: 3 }),
  iso_duration: z.iso.duration(),
  regex: z.string().regex(/^[A-Z]{3}-\d{4}$/),
  regex_twice: z
    .string()
    .regex(/^[a-z0-9]{8,}$/)
    .regex(/\d/),
  startsWith: z.string().startsWith("user_"),
  endsWith: z.string().endsWith(".png"),
  includes: z.string().includes("@"),
  startsWith_endsWith: z.string().startsWith("user_").endsWith(".png"),
  startsWith_min: z.string().startsWith("id-").min(12),
  lowercase: z.string().lowercase(),
  uppercase: z.string().uppercase(),
  templateLiteral: z.templateLiteral([z.number(), z.enum(["px", "em"])]),
  literal: z.literal("on"),
  literals: z.literal(["a", 1, true]),
  enum: z.enum(["celsius", "fahrenheit"]),
  enum_of_numbers: z.enum({ low: 1, high: 2 }),
  union: z.union([z.int().min(500), z.string()]),
  discriminatedUnion: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("circle"), radius: z.number().positive() }),
    z.object({ kind: z.literal("square"), side: z.number().positive() }),
  ]),
  xor: z.xor([z.object({ a: z.string() }), z.object({ b: z.int() })]),
  intersection: z.intersection(z.object({ a: z.int() }), z.object({ b: z.email() })),
  optional: z.string().optional(),
  nullable: z.int().nullable(),
  nullish: z.email().nullish(),
  default: z.int().default(7),
  prefault: z.string().prefault("given"),
  catch: z.int().catch(3),
  meta: z.int().meta({ title: "Days", examples: [3] }),
  nested: z.object({ where: z.object({ address: ADDRESS, tags: z.array(z.string()) }) }),
  used_twice: z.object({ home: ADDRESS, work: ADDRESS }),
  strictObject: z.strictObject({ a: z.int(), b: z.string().optional() }),
  looseObject: z.looseObject({ a: z.int() }),
  catchall: z.object({ a: z.int() }).catchall(z.string()),
  partial: z.object({ a: z.int(), b: z.email() }).partial(),
  recursive_array: CATEGORY,
  recursive_nullable: LINK,
  recursive_lazy: TREE,
  array: z.array(z.string()),
  array_min: z.array(z.int()).min(3),
  array_max: z.array(z.email()).max(1),
  array_length: z.array(z.boolean()).length(2),
  array_nonempty: z.array(z.enum(["a", "b"])).nonempty(),
  array_of_objects: z.array(z.object({ id: z.uuid(), at: z.iso.datetime() })).min(2),
  // zod has no JSON schema for z.set().
  array_unique: z.array(z.string()).min(3).meta({ uniqueItems: true }),
  tuple: z.tuple([z.int(), z.string(), z.iso.date()]),
  tuple_rest: z.tuple([z.string()], z.number()),
  record: z.record(z.string(), z.number()),
  record_of_pattern: z.record(z.string().regex(/^[a-z]{2}$/), z.boolean()),
  record_of_enum: z.record(z.enum(["north", "south"]), z.int()),
  partialRecord: z.partialRecord(z.enum(["north", "south"]), z.int()),
  json: z.json(),
};

/** @param {string} path */
const clientOf = (path) => new Anthropic({ apiKey: "any", baseURL: base + path, maxRetries: 0 });

/** @param {string} content @returns {Anthropic.MessageCreateParamsNonStreaming} */
const asking = (content) => ({
  model: "claude-opus-5-5",
  max_tokens: 20_000,
  messages: [{ role: "user", content }],
});

/**
 * Runs these tools: the stop reason of each answer, and the text of the last one.
 *
 * @param {string} path
 * @param {string} text
 * @param {any[]} tools
 * @param {boolean} stream
 */
async function run(path, text, tools, stream) {
  /** @type {any} the two values of `stream` have types of their own */
  const request = { ...asking(text), tools, stream, max_iterations: 20 };
  const stopReasons = [];
  let last = "";
  for await (const turn of clientOf(path).beta.messages.toolRunner(request)) {
    /** @type {Anthropic.Beta.BetaMessage} */
    const message = stream ? await /** @type {any} */ (turn).finalMessage() : turn;
    stopReasons.push(message.stop_reason);
    last = message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
  }
  return { stopReasons, last };
}

/**
 * A tool for each type. zod keeps a wrong input from it, and tells the model what is wrong.
 *
 * @param {boolean} stream
 */
async function ofEveryType(stream) {
  /** @type {Record<string, unknown>} */
  const inputs = {};
  const tools = Object.entries(TYPES).map(([name, type]) =>
    betaZodTool({
      name,
      description: "",
      inputSchema: z.object({ value: type }),
      run: ({ value }) => {
        inputs[name] = value ?? null;
        return "found";
      },
    }),
  );
  const steps = Math.ceil(tools.length / TOOLS_AT_ONCE);
  const ended = await run("", `simulate: tools=${TOOLS_AT_ONCE};steps=${steps}`, tools, stream);
  return { ...ended, inputs, wrong: Object.keys(TYPES).filter((name) => !(name in inputs)) };
}

/** @param {boolean} stream */
function paused(stream) {
  const search = { type: "web_search_20260209", name: "web_search" };
  return run("/pause-turn", "Search.", [search], stream);
}

/** Output of each type: what `parse()` makes of it, and the types that the SDK cannot ask for. */
async function outputsOfEveryType() {
  /** @type {Record<string, unknown>} */
  const outputs = {};
  /** @type {string[]} */
  const unasked = [];
  for (const [name, type] of Object.entries(TYPES)) {
    const format = formatOf(type);
    if (!format) {
      unasked.push(name);
      continue;
    }
    const request = { ...asking("Tell me."), output_config: { format } };
    try {
      const message = await clientOf("").messages.parse(request);
      outputs[name] = message.parsed_output?.value ?? null;
    } catch (error) {
      outputs[name] = { error: String(error) };
    }
  }
  return { outputs, unasked };
}

/** @param {z.ZodType} type */
function formatOf(type) {
  try {
    return zodOutputFormat(z.object({ value: type }));
  } catch {
    return null;
  }
}

/** The output of a stream. */
async function streamedOutput() {
  const format = zodOutputFormat(z.object({ address: ADDRESS, at: z.iso.datetime() }));
  const request = { ...asking("Tell me."), output_config: { format } };
  return (await clientOf("").messages.stream(request).finalMessage()).parsed_output;
}

/** @type {Record<string, unknown>} */
const found = { ...(await outputsOfEveryType()), streamed_output: await streamedOutput() };
for (const stream of [false, true]) {
  const way = stream ? "streamed" : "whole";
  found[way] = { types: await ofEveryType(stream), paused: await paused(stream) };
}
process.stdout.write(JSON.stringify(found));
