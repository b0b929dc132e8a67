// Tests of a JavaScript client: `node --test`. SIMULATOR is the address of the site's simulator.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";

const simulator = process.env.SIMULATOR ?? "http://127.0.0.1:8000/simulator";

/** @type {Anthropic.MessageCreateParamsNonStreaming} */
const request = {
  model: "claude-opus-5-5",
  max_tokens: 16_000,
  messages: [{ role: "user", content: "Hello" }],
};

// #region tests
/** @param {string} path */
function stream(path) {
  const client = new Anthropic({ baseURL: `${simulator}/${path}`, apiKey: `test-${randomUUID()}` });
  return client.messages.stream(request);
}

test("a whole answer resolves", async () => {
  const message = await stream("hello/slow;factor=0").finalMessage();
  assert.equal(message.stop_reason, "end_turn");
});

for (const fault of ["drop", "error-event", "end-early", "garble", "connection-close;at=15"]) {
  test(`${fault} rejects, and the text is kept`, async () => {
    let text = "";
    const answer = stream(`hello/slow;factor=0+${fault}`).on("text", (piece) => {
      text += piece;
    });
    await assert.rejects(answer.finalMessage(), Anthropic.AnthropicError);
    assert.match(text, /^Hello! You are reading this/);
  });
}
// #endregion
