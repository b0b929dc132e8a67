import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePartial } from "../../../content/programs/partial-json.mjs";

const NOTE = {
  title: 'A "quoted" \\ title, {with} [brackets]',
  tags: ["a", { deep: [1, -2.5e3, true, null] }, []],
  body: "First line\nsecond\té\u2028",
};

test("every beginning has a value, and its strings only grow", () => {
  for (const text of [JSON.stringify(NOTE), JSON.stringify(NOTE, null, 2)]) {
    let body = "";
    for (let length = 1; length <= text.length; length += 1) {
      const value = parsePartial(text.slice(0, length));
      assert.equal(typeof value, "object", text.slice(0, length));
      const now = value.body ?? "";
      assert.ok(now.startsWith(body) && NOTE.body.startsWith(now), JSON.stringify([body, now]));
      assert.ok(NOTE.title.startsWith(value.title ?? ""));
      body = now;
    }
    assert.deepEqual(parsePartial(text), NOTE);
  }
});

test("an escape that is not whole is left out", () => {
  const text = '{"a":"x\\u00e9\\\\"}';
  const values = [8, 9, 10, 12, 13, 14, 15, 16].map(
    (length) => parsePartial(text.slice(0, length)).a,
  );
  assert.deepEqual(values, ["x", "x", "x", "x", "xé", "xé", "xé\\", "xé\\"]);
});

test("what is not there yet is left out, and nothing is no value", () => {
  assert.equal(parsePartial(""), undefined);
  assert.equal(parsePartial("hello"), undefined);
  assert.deepEqual(parsePartial('{"a": 1, "b'), { a: 1 });
  assert.deepEqual(parsePartial('{"a": 1, "b": tr'), { a: 1 });
  assert.deepEqual(parsePartial('[{"a": 1}, {"b"'), [{ a: 1 }, {}]);
});
