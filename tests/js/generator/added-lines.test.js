import assert from "node:assert/strict";
import { test } from "node:test";
import { addedLines } from "../../../static/js/generator/added-lines.js";

/** @param {string} before @param {string} after one letter a line */
const added = (before, after) => addedLines([...before], [...after]);

test("lines are added at the start, inside and at the end", () => {
  assert.deepEqual(added("abc", "xabc"), [0]);
  assert.deepEqual(added("abc", "axbyyc"), [1, 3, 4]);
  assert.deepEqual(added("abc", "abcx"), [3]);
  assert.deepEqual(added("", "ab"), [0, 1]);
});

test("what is the same, or only removed, adds nothing", () => {
  assert.deepEqual(added("abc", "abc"), []);
  assert.deepEqual(added("abc", "ac"), []);
  assert.deepEqual(added("abc", ""), []);
});

test("a changed line is an added one", () => {
  assert.deepEqual(added("abc", "axc"), [1]);
});

test("of lines that repeat, as brackets do, as few as possible are added", () => {
  assert.deepEqual(added("f())g())", "f())h())g())"), [4, 5, 6, 7]);
  assert.deepEqual(added("a)b)", "a)x)b)"), [2, 3]);
});

test("what is left without the added lines is in the text before, in its order", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const [before, after] = [text(seed), text(seed + 1000)];
    const indices = new Set(addedLines(before, after));
    const kept = after.filter((_, index) => !indices.has(index));
    let from = 0;
    for (const line of kept) {
      const found = before.indexOf(line, from);
      assert.notEqual(found, -1, `${before} ${after}`);
      from = found + 1;
    }
    assert.equal(kept.length, longest(before, after), `${before} ${after}`);
  }
});

/** @param {number} seed */
function text(seed) {
  let value = seed;
  const lines = [];
  for (let left = seed % 12; left > 0; left -= 1) {
    value = (value * 1103515245 + 12345) % 2147483648;
    lines.push("abc"[Math.floor(value / 65536) % 3]);
  }
  return lines;
}

/**
 * The length of a longest common subsequence, by its definition.
 * @param {string[]} before @param {string[]} after
 * @returns {number}
 */
function longest([first, ...before], after) {
  if (first === undefined || after.length === 0) return 0;
  const found = after.indexOf(first);
  const without = longest(before, after);
  return found < 0 ? without : Math.max(without, 1 + longest(before, after.slice(found + 1)));
}
