/** What an answer cost, by the usage of its last message_delta. */

/** @typedef {import("../protocol/message.js").WireObject} WireObject */

/**
 * @typedef {object} Price US dollars per million tokens
 * @property {number} input
 * @property {number} write5m
 * @property {number} write1h
 * @property {number} read
 * @property {number} output
 * @property {number | null} longInput a request with more input than this costs more as a whole
 * @property {number} longFactor
 */

/** @typedef {{what: string, tokens: number, price: number}} Item */

/**
 * All input: `input_tokens` alone is only what follows the last cache breakpoint.
 * @param {WireObject} usage
 */
export function inputTokens(usage) {
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = usage;
  return (input_tokens ?? 0) + (cache_creation_input_tokens ?? 0) + (cache_read_input_tokens ?? 0);
}

/**
 * The tokens that are billed, by kind. Thinking is part of the output.
 * @param {WireObject} usage
 * @param {Price} price
 * @returns {Item[]}
 */
export function itemsOf(usage, price) {
  const written = usage.cache_creation_input_tokens ?? 0;
  const written1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const isLong = price.longInput !== null && inputTokens(usage) > price.longInput;
  const factor = isLong ? price.longFactor : 1;
  const items = [
    { what: "input", tokens: usage.input_tokens ?? 0, price: price.input * factor },
    { what: "written for 5 min", tokens: written - written1h, price: price.write5m * factor },
    { what: "written for 1 h", tokens: written1h, price: price.write1h * factor },
    { what: "read", tokens: usage.cache_read_input_tokens ?? 0, price: price.read * factor },
    { what: "output", tokens: usage.output_tokens ?? 0, price: price.output * factor },
  ];
  return items.filter(({ tokens }) => tokens > 0);
}

/**
 * @param {Item[]} items
 * @returns {number} US dollars
 */
export function sum(items) {
  return items.reduce((total, { tokens, price }) => total + tokens * price, 0) / 1_000_000;
}

/** @param {number} amount in US dollars; most answers cost less than a cent */
export function dollars(amount) {
  return `$${amount.toFixed(amount < 0.01 ? 6 : 4)}`;
}

/**
 * The sum in words: `25 input × $0.10 + 421 output × $0.50, per million`.
 * @param {Item[]} items
 */
export function breakdown(items) {
  const terms = items.map(({ what, tokens, price }) => {
    const cents = price.toFixed(2);
    const text = Number(cents) === price ? cents : String(price);
    return `${tokens.toLocaleString("en")} ${what} × $${text}`;
  });
  return `${terms.join(" + ")}, per million`;
}
