/**
 * Plays scenarios with the JavaScript SDK, by `stream()` and by `create({ stream: true })`.
 *
 * Reads `{"base": …, "scenarios": [{"name", "model", "prompt", "beta"}, …]}` from stdin; writes
 * for each name the final message and the raw events, or instead of either the error.
 */

import { readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";

/** @typedef {{ name: string, model: string, prompt: string, beta: boolean }} Scenario */

/** @type {{ base: string, scenarios: Scenario[] }} */
const asked = JSON.parse(readFileSync(0, "utf8"));

/** @param {Scenario} scenario */
async function play(scenario) {
  const baseURL = `${asked.base}/${scenario.name}`;
  const client = new Anthropic({ apiKey: "any", baseURL, maxRetries: 0 });
  /** @type {any} the same calls, with other types */
  const messages = scenario.beta ? client.beta.messages : client.messages;
  const request = {
    model: scenario.model,
    max_tokens: 20_000,
    messages: [{ role: "user", content: scenario.prompt }],
  };
  return {
    message: await orError(() => messages.stream(request).finalMessage()),
    events: await orError(async () => {
      const events = [];
      for await (const event of await messages.create({ ...request, stream: true })) {
        events.push(event);
      }
      return events;
    }),
  };
}

/** @param {() => Promise<unknown>} work */
async function orError(work) {
  try {
    return await work();
  } catch (error) {
    const { name, type, status } = /** @type {any} */ (error);
    return { error: { name, class: error?.constructor.name, type, status: status ?? null } };
  }
}

/** @type {Record<string, unknown>} */
const played = {};
for (const scenario of asked.scenarios) played[scenario.name] = await play(scenario);
process.stdout.write(JSON.stringify(played));
