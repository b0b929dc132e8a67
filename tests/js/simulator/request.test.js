import assert from "node:assert/strict";
import { test } from "node:test";
import { basePath, messagesRequest, pageAddress } from "../../../static/js/simulator/request.js";

const CONSTANTS = { auto: "auto", version: "2026-10-21", model: "claude-x" };

test("scenario and fault stand in the base URL, and auto only before a fault", () => {
  assert.equal(basePath({ scenario: "hello", fault: "" }, CONSTANTS), "/simulator/hello");
  assert.equal(
    basePath({ scenario: "hello", fault: "slow;factor=0+drop;at=9" }, CONSTANTS),
    "/simulator/hello/slow;factor=0+drop;at=9",
  );
  assert.equal(basePath({ scenario: "auto", fault: "" }, CONSTANTS), "/simulator");
  assert.equal(basePath({ scenario: "auto", fault: "bom" }, CONSTANTS), "/simulator/auto/bom");
});

test("the page's address holds the whole fault", () => {
  const address = pageAddress({ scenario: "hello", fault: "slow;factor=0+drop;at=9" });
  assert.equal(new URL(address, "http://a").searchParams.get("fault"), "slow;factor=0+drop;at=9");
});

test("a browser says that it is one, and asks for what the server named", () => {
  const { headers: given, body } = messagesRequest("k", CONSTANTS);
  const headers = new Headers(given);
  assert.equal(headers.get("anthropic-version"), CONSTANTS.version);
  assert.equal(JSON.parse(String(body)).model, CONSTANTS.model);
  assert.equal(headers.get("anthropic-dangerous-direct-browser-access"), "true");
  assert.equal(headers.get("x-api-key"), "k");
});
