import assert from "node:assert/strict";
import { test } from "node:test";
import { basePath, messagesRequest, pageAddress } from "../../../static/js/simulator/request.js";

test("scenario and fault stand in the base URL, and auto only before a fault", () => {
  assert.equal(basePath({ scenario: "hello", fault: "" }), "/simulator/hello");
  assert.equal(
    basePath({ scenario: "hello", fault: "slow;factor=0+drop;at=9" }),
    "/simulator/hello/slow;factor=0+drop;at=9",
  );
  assert.equal(basePath({ scenario: "auto", fault: "" }), "/simulator");
  assert.equal(basePath({ scenario: "auto", fault: "bom" }), "/simulator/auto/bom");
});

test("the page's address holds the whole fault", () => {
  const address = pageAddress({ scenario: "hello", fault: "slow;factor=0+drop;at=9" });
  assert.equal(new URL(address, "http://a").searchParams.get("fault"), "slow;factor=0+drop;at=9");
});

test("a browser says that it is one", () => {
  const headers = new Headers(messagesRequest("k").headers);
  assert.equal(headers.get("anthropic-dangerous-direct-browser-access"), "true");
  assert.equal(headers.get("x-api-key"), "k");
});
