import assert from "node:assert/strict";
import { test } from "node:test";
import { streamName } from "../../../static/js/views/save.js";

const NOW = new Date("2026-01-02T03:04:05.678Z");

test("a saved stream is named by its request, with nothing that a file system minds", () => {
  assert.equal(streamName("req_011CSHo", NOW), "live-req_011CSHo.sse");
  assert.equal(streamName("../../etc/passwd", NOW), "live-etcpasswd.sse");
  assert.equal(streamName("", NOW), "live-2026-01-02T03-04-05-678Z.sse");
});
