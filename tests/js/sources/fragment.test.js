import assert from "node:assert/strict";
import { test } from "node:test";
import { packed, unpacked } from "../../../static/js/sources/fragment.js";
import { stream } from "../goldens.js";

test("bytes come back from an address as they were, and take few letters of it", async () => {
  for (const bytes of [stream("hello"), Uint8Array.from({ length: 256 }, (_, index) => index)]) {
    const letters = await packed(bytes);
    assert.match(letters, /^[\w-]+$/);
    assert.deepEqual(await unpacked(letters), bytes);
  }
  assert.ok((await packed(stream("hello"))).length < 2000);
});

test("what is not whole is refused", async () => {
  const letters = await packed(stream("hello"));
  for (const text of ["%", "AAAA", letters.slice(0, 100)]) await assert.rejects(unpacked(text));
});
