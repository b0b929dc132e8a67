import assert from "node:assert/strict";
import { test } from "node:test";
import { Typewriter } from "../../../static/js/player/typewriter.js";

/** @param {Typewriter} typewriter */
function typeToEnd(typewriter) {
  const typed = [];
  while (typewriter.left > 0) typed.push(typewriter.type());
  return typed;
}

test("one grapheme is typed at a time, whatever it is made of", () => {
  const graphemes = ["a", "é", "👨‍👩‍👧‍👦", "🇳🇴", "👍🏽", "你", "नि", "\r\n", "é", "!"];
  const typewriter = new Typewriter();
  typewriter.add(graphemes.join(""));
  assert.deepEqual(typeToEnd(typewriter), graphemes);
});

test("text that comes later may extend the last grapheme", () => {
  const family = "👨‍👩‍👧";
  const points = [...family];
  for (let place = 1; place < points.length; place += 1) {
    const typewriter = new Typewriter();
    typewriter.add(points.slice(0, place).join(""));
    assert.equal(typewriter.isAtLast, true);
    typewriter.add(points.slice(place).join(""));
    assert.deepEqual(typeToEnd(typewriter), [family]);
  }
});

test("the last grapheme is known as such", () => {
  const typewriter = new Typewriter();
  typewriter.add("ab");
  assert.equal(typewriter.isAtLast, false);
  typewriter.type();
  assert.equal(typewriter.isAtLast, true);
});

test("everything left can be typed at once", () => {
  const typewriter = new Typewriter();
  typewriter.add("abc");
  typewriter.type();
  typewriter.add("def");
  assert.equal(typewriter.left, 5);
  assert.equal(typewriter.typeAll(), "bcdef");
  assert.equal(typewriter.left, 0);
  assert.equal(typewriter.typeAll(), "");
});
