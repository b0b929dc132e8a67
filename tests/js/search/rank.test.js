import assert from "node:assert/strict";
import { test } from "node:test";
import { search } from "../../../static/js/search/rank.js";

/** @typedef {import("../../../static/js/search/rank.js").SearchIndex} SearchIndex */

/** @param {string} title @param {string} text */
const section = (title, text, { page = "Page", anchor = "x", weight = 1 } = {}) => ({
  page,
  title,
  url: `/guide/p#${anchor}`,
  text,
  weight,
});

/**
 * @param {SearchIndex["sections"]} sections
 * @param {Partial<SearchIndex>} words
 * @returns {SearchIndex}
 */
const index = (sections, words = {}) => ({ sections, synonyms: {}, stopWords: [], ...words });

/** @param {SearchIndex} index @param {string} query */
const titles = (index, query) => search(index, query).found.map(({ section }) => section.title);

test("words are found in any order and case, and after an underscore too", () => {
  const found = index([section("A", "retry with text_delta"), section("B", "undelta")]);
  assert.deepEqual(titles(found, "DELTA retry"), ["A"]);
});

test("a word is found by its beginning, and inflected", () => {
  const found = index([section("A", "It retries."), section("B", "The cache is full.")]);
  for (const query of ["retr", "retry", "retrying", "retried"]) {
    assert.deepEqual(titles(found, query), ["A"], query);
  }
  assert.deepEqual(titles(found, "caching"), ["B"]);
});

test("a word that stands there whole counts more than one that begins so", () => {
  const found = index([section("A", "pings"), section("B", "pingpong"), section("C", "ping")]);
  assert.deepEqual(titles(found, "ping").slice(-1), ["B"]);
});

test("words may be missing: what has more of them comes first", () => {
  const found = index([
    section("One", "a stream"),
    section("Both", "a stream that breaks"),
    section("None", "a key"),
  ]);
  assert.deepEqual(titles(found, "stream breaks"), ["Both"]);
  assert.equal(search(found, "stream breaks").isPartial, false);
});

test("where nothing has all of the words, the best three are partial answers", () => {
  const found = index(["A", "B", "C", "D"].map((title) => section(title, "a stream")));
  const answer = search(found, "stream zebra");
  assert.equal(answer.isPartial, true);
  assert.equal(answer.found.length, 3);
});

test("nothing is found for a word that is nowhere, and nothing for no word", () => {
  const found = index([section("A", "text")]);
  assert.deepEqual(search(found, "zebra"), { found: [], isPartial: true });
  assert.deepEqual(search(found, "  ").found, []);
});

test("a rare word counts more than one that is everywhere", () => {
  const found = index([
    section("A", "stream stream stream"),
    section("B", "stream with a jitter"),
    section("C", "stream"),
  ]);
  assert.equal(titles(found, "stream jitter")[0], "B");
});

test("stop words are left out, unless there is nothing else", () => {
  const sections = [section("A", "how"), section("B", "retry")];
  const found = index(sections, { stopWords: ["how"] });
  assert.deepEqual(titles(found, "how retry"), ["B"]);
  assert.equal(search(found, "how retry").isPartial, false);
  assert.deepEqual(titles(found, "how"), ["A"]);
});

test("a synonym is found, of several words too, but after the word itself", () => {
  const sections = [section("A", "proxy"), section("B", "nginx"), section("C", "first word")];
  const synonyms = { nginx: ["proxy"], "time to first": ["first word"] };
  assert.deepEqual(titles(index(sections, { synonyms }), "nginx"), ["B", "A"]);
  assert.deepEqual(titles(index(sections, { synonyms }), "Time to first?"), ["C"]);
});

test("an inflected word has the synonyms of its stem", () => {
  const found = index([section("A", "silence")], { synonyms: { stall: ["silence"] } });
  assert.deepEqual(titles(found, "stalled"), ["A"]);
});

test("a heading counts most, then the anchor, then the text", () => {
  const found = index([
    section("Other", "ping ping ping ping ping"),
    section("Anchor", "", { anchor: "ping" }),
    section("About ping", ""),
    section("ping", ""),
  ]);
  assert.deepEqual(titles(found, "ping"), ["ping", "About ping", "Anchor", "Other"]);
});

test("a section's weight multiplies its score", () => {
  const found = index([section("A", "ping", { weight: 0.5 }), section("B", "ping")]);
  assert.deepEqual(titles(found, "ping"), ["B", "A"]);
});

test("the longest fragment of a pasted message decides, whatever stands around it", () => {
  const found = index([
    section("Traceback", "file line module client stream for error"),
    section("Dropped", "httpx2.RemoteProtocolError: peer closed connection (incomplete read)"),
    section("Closed", "the connection closed; the peer was incomplete"),
  ]);
  const pasted =
    'File "a.py", line 3, in <module>\n  for x in client.stream:\nhttpx2.RemoteProtocolError: peer closed connection (incomplete read)';
  const answer = search(found, pasted);
  assert.equal(answer.found[0].section.title, "Dropped");
  assert.equal(answer.isPartial, false);
});

test("a paste of any length is answered at once", () => {
  const found = index(Array.from({ length: 300 }, (_, n) => section(`S${n}`, "text ".repeat(200))));
  const started = performance.now();
  search(found, Array.from({ length: 20_000 }, (_, n) => `word${n}`).join(" "));
  assert.ok(performance.now() - started < 2_000);
});

test("what is found far worse than the best is left out", () => {
  const found = index([section("ping", "ping"), section("Other", "one ping")]);
  assert.deepEqual(titles(found, "ping"), ["ping"]);
});

test("at most ten results come", () => {
  const found = index(Array.from({ length: 30 }, (_, n) => section(`ping ${n}`, "")));
  assert.equal(search(found, "ping").found.length, 10);
});

test("the snippet shows the word with what stands around it", () => {
  const text = `${"before ".repeat(40)}needle ${"after ".repeat(40)}`;
  const [{ snippet }] = search(index([section("A", text)]), "needle").found;
  assert.match(snippet, /^… (before )+needle (after )*after …$/);
  assert.ok(snippet.length < 130);
});

test("a snippet for a word of the heading is the section's beginning", () => {
  const [{ snippet }] = search(index([section("needle", "How it begins.")]), "needle").found;
  assert.equal(snippet, "How it begins.");
});
