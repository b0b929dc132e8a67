import assert from "node:assert/strict";
import { test } from "node:test";
import { search } from "../../../static/js/search/rank.js";

/**
 * @param {string} title
 * @param {string} text
 */
const section = (title, text, page = "Page") => ({ page, title, url: `/guide/x#${title}`, text });

/**
 * @param {import("../../../static/js/search/rank.js").Section[]} sections
 * @param {string} query
 */
const titles = (sections, query) => search(sections, query).map(({ section }) => section.title);

test("every word must be there, in any order and case", () => {
  const sections = [section("A", "Retry with jitter"), section("B", "retry now")];
  assert.deepEqual(titles(sections, "JITTER retry"), ["A"]);
  assert.deepEqual(titles(sections, "retry nothing"), []);
});

test("a word is found where it begins one, after an underscore too", () => {
  const sections = [section("A", "text_delta retrying"), section("B", "undelta")];
  assert.deepEqual(titles(sections, "delta"), ["A"]);
  assert.deepEqual(titles(sections, "retry"), ["A"]);
});

test("a heading counts more than text, and the whole heading most", () => {
  const sections = [
    section("Other", "ping ping ping"),
    section("About ping", ""),
    section("ping", ""),
  ];
  assert.deepEqual(titles(sections, "ping"), ["ping", "About ping", "Other"]);
});

test("an empty query finds nothing", () => {
  assert.deepEqual(search([section("A", "text")], "  "), []);
});

test("at most ten results come", () => {
  const sections = Array.from({ length: 30 }, (_, n) => section(`ping ${n}`, ""));
  assert.equal(search(sections, "ping").length, 10);
});

test("the snippet shows the word with what stands around it", () => {
  const text = `${"before ".repeat(40)}needle ${"after ".repeat(40)}`;
  const [{ snippet }] = search([section("A", text)], "needle");
  assert.match(snippet, /^… (before )+needle (after )*after …$/);
  assert.ok(snippet.length < 130);
});

test("a snippet for a word of the heading is the section's beginning", () => {
  const [{ snippet }] = search([section("needle", "How it begins.")], "needle");
  assert.equal(snippet, "How it begins.");
});
