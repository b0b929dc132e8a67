import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bodyOf, liveRequest, restOf } from "../../../static/js/live/request.js";

const question = { model: "claude-haiku-5-5", prompt: "Hello", maxTokens: 64, display: "omitted" };

test("the body has the fields that live mode allows, and thinking only where it is chosen", () => {
  assert.deepEqual(bodyOf(question), {
    model: "claude-haiku-5-5",
    max_tokens: 64,
    messages: [{ role: "user", content: "Hello" }],
    thinking: { type: "adaptive", display: "omitted" },
    stream: true,
  });
  assert.ok(!("thinking" in bodyOf({ ...question, display: "" })));
});

test("the rest is asked for in the words of the generator's programs", () => {
  const url = new URL("../../../templates/code/_javascript/recipe.mjs", import.meta.url);
  const words = readFileSync(url, "utf8").split("`")[1];
  const body = bodyOf(question);
  const asked = restOf(body, "The sky ", false);
  assert.deepEqual(asked.messages, [
    { role: "user", content: "Hello" },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands in the template
    { role: "user", content: words.replace("${text}", "The sky ") },
  ]);
  assert.deepEqual({ ...asked, messages: body.messages }, body);
});

test("a model with prefill goes on after its own words, which may not end in white space", () => {
  const asked = restOf(bodyOf(question), "The sky \n", true);
  assert.deepEqual(asked.messages.at(-1), { role: "assistant", content: "The sky" });
});

test("the access code is a header, and only where there is one", () => {
  const request = liveRequest(bodyOf(question), "open sesame");
  assert.equal(new Headers(request.headers).get("x-access-code"), "open sesame");
  assert.ok(!String(request.body).includes("sesame"));
  assert.ok(!new Headers(liveRequest(bodyOf(question), "").headers).has("x-access-code"));
});
