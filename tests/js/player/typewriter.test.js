import assert from "node:assert/strict";
import { test } from "node:test";
import { Typewriter } from "../../../static/js/player/typewriter.js";

/** @param {Typewriter} typewriter */
function typeToEnd(typewriter) {
  const typed = [];
  while (typewriter.pending > 0) typed.push(typewriter.type());
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
    assert.equal(typewriter.isLastGrapheme, true);
    typewriter.add(points.slice(place).join(""));
    assert.deepEqual(typeToEnd(typewriter), [family]);
  }
});

test("the last grapheme is known as such", () => {
  const typewriter = new Typewriter();
  typewriter.add("ab");
  assert.equal(typewriter.isLastGrapheme, false);
  typewriter.type();
  assert.equal(typewriter.isLastGrapheme, true);
});

test("everything left can be typed at once", () => {
  const typewriter = new Typewriter();
  typewriter.add("abc");
  typewriter.type();
  typewriter.add("def");
  assert.equal(typewriter.pending, 5);
  assert.equal(typewriter.typeMany(), "bcdef");
  assert.equal(typewriter.pending, 0);
  assert.equal(typewriter.typeMany(), "");
});

test("a letter with very many marks is typed in pieces, and nothing of it is lost", () => {
  const letter = `a${"\u0301".repeat(100_000)}`;
  const typewriter = new Typewriter();
  typewriter.add(`x${letter}b`);
  assert.equal(typewriter.isLastGrapheme, false);
  const typed = typeToEnd(typewriter);
  assert.equal(typed.join(""), `x${letter}b`);
  assert.deepEqual(typed.slice(0, 2), ["x", letter.slice(0, 256)]);
  assert.equal(Math.max(...typed.map((piece) => piece.length)), 256);
});

test("no piece of a long grapheme ends in half a character", () => {
  const family = Array(200).fill("👩").join("\u200d");
  const typewriter = new Typewriter();
  typewriter.add(family);
  const typed = typeToEnd(typewriter);
  assert.equal(typed.join(""), family);
  assert.ok(typed.every((piece) => !/\p{Surrogate}/u.test(piece)));
});

test("graphemes are the same wherever in a long text they are", () => {
  const graphemes = Array.from({ length: 3000 }, (_, n) => ["é", "👨‍👩‍👧‍👦", "a", "नि"][n % 4]);
  const typewriter = new Typewriter();
  typewriter.add(graphemes.join(""));
  assert.deepEqual(typeToEnd(typewriter), graphemes);
});

test("what a frame can show is typed at once, and the rest stays", () => {
  const typewriter = new Typewriter();
  typewriter.add("abc👍def");
  assert.equal(typewriter.typeMany(4), "abc👍");
  assert.equal(typewriter.pending, 3);
  assert.equal(typewriter.typeMany(99), "def");
  assert.equal(typewriter.pending, 0);
});
