import assert from "node:assert/strict";
import { test } from "node:test";
import { answersOf } from "../../../static/js/simulator/answer.js";

const EMPTY = {
  text: "",
  tool: "",
  input: "",
  stop_reason: "",
  input_tokens: "",
  output_tokens: "",
  characters_per_second: "",
};

test("a text alone says nothing else", () => {
  assert.deepEqual(answersOf({ ...EMPTY, text: "Hi" }), {
    answers: [{ message: { content: [{ type: "text", text: "Hi" }], usage: {} } }],
  });
});

test("every value of the form is in the answer", () => {
  const values = {
    text: "Looking.",
    tool: "get_time",
    input: '{"zone": "UTC"}',
    stop_reason: "max_tokens",
    input_tokens: "0",
    output_tokens: "7",
    characters_per_second: "90",
  };
  const call = { type: "tool_use", name: "get_time", input: { zone: "UTC" } };
  assert.deepEqual(answersOf(values).answers, [
    {
      message: {
        content: [{ type: "text", text: "Looking." }, call],
        stop_reason: "max_tokens",
        usage: { input_tokens: 0, output_tokens: 7 },
      },
      characters_per_second: 90,
    },
  ]);
});

for (const input of ["[1]", "null", "7", "{", "'a'"]) {
  test(`an input of ${input} is refused in words`, () => {
    assert.throws(() => answersOf({ ...EMPTY, tool: "a", input }), /is a JSON object/);
  });
}

test("nothing to say, or an input without a tool, is refused in words", () => {
  assert.throws(() => answersOf(EMPTY), /needs a text or a tool/);
  assert.throws(() => answersOf({ ...EMPTY, input: "{}" }), /needs the name of the tool/);
});
