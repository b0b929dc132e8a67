import assert from "node:assert/strict";
import { test } from "node:test";
import { breakdown, dollars, inputTokens, itemsOf, sum } from "../../../static/js/live/cost.js";

const PRICE = {
  input: 0.1,
  write5m: 0.125,
  write1h: 0.2,
  read: 0.01,
  output: 0.5,
  longInput: 100_000,
  longFactor: 5,
};

test("a plain answer costs its input and its output", () => {
  const items = itemsOf({ input_tokens: 25, output_tokens: 421 }, PRICE);
  assert.equal(dollars(sum(items)), "$0.000213");
  assert.equal(breakdown(items), "25 input × $0.10 + 421 output × $0.50, per million");
});

test("caches are part of the input, and each kind has its price", () => {
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 300,
    cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    cache_read_input_tokens: 1000,
    output_tokens: 0,
  };
  assert.equal(inputTokens(usage), 1310);
  const items = itemsOf(usage, PRICE);
  const expected = (10 * 0.1 + 100 * 0.125 + 200 * 0.2 + 1000 * 0.01) / 1_000_000;
  assert.ok(Math.abs(sum(items) - expected) < 1e-12);
  assert.match(breakdown(items), /100 written for 5 min × \$0\.125/);
});

test("what is missing or null counts for nothing", () => {
  const usage = { input_tokens: 5, cache_read_input_tokens: null, output_tokens: 1 };
  assert.equal(inputTokens(usage), 5);
  assert.equal(itemsOf(usage, PRICE).length, 2);
});

test("a long request costs more as a whole", () => {
  const usage = { input_tokens: 1, cache_read_input_tokens: 100_000, output_tokens: 10 };
  assert.deepEqual(
    itemsOf(usage, PRICE).map(({ price }) => price),
    [0.5, 0.05, 2.5],
  );
  const short = { ...usage, cache_read_input_tokens: 99_999 };
  assert.equal(itemsOf(short, PRICE)[0].price, 0.1);
  assert.equal(itemsOf(usage, { ...PRICE, longInput: null })[0].price, 0.1);
});

test("an amount has as many places as it takes", () => {
  assert.deepEqual([0.0000004, 0.0123, 12.5].map(dollars), ["$0.000000", "$0.0123", "$12.5000"]);
});
