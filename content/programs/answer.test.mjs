// Tests of a JavaScript client: `node --test`. They start the simulator, and end it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { after, before, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";

const simulator = spawn("streamguide", ["simulator", "--port", "0", "--until-stdin-ends"], {
  stdio: ["pipe", "pipe", "inherit"],
});
let address = "";
before(async () => {
  const [line] = await once(simulator.stdout, "data");
  address = JSON.parse(line).base_url;
});
after(() => simulator.stdin.end());

/** @param {string} fault */
function stream(fault) {
  const baseURL = `${address}/hello/slow;factor=0+${fault}`;
  const messages = [{ role: /** @type {const} */ ("user"), content: "Hello" }];
  const client = new Anthropic({ baseURL, apiKey: randomUUID() });
  return client.messages.stream({ model: "claude-opus-5-5", max_tokens: 500, messages });
}

for (const fault of ["drop", "error-event", "end-early", "garble", "connection-close;at=15"]) {
  test(`${fault} rejects`, () =>
    assert.rejects(stream(fault).finalMessage(), Anthropic.AnthropicError));
}
