import assert from "node:assert/strict";
import { test } from "node:test";
import { placeIn } from "../../../static/js/stream/places.js";

for (const [rule, raw, expected] of [
  ["index-gaps", 'event: a\ndata: {"type":"a","index": 7,"x":1}', '"index": 7'],
  ["usage-shrinks", 'data: {"usage":{"output_tokens":0},"x":{}}', '"usage":{"output_tokens":0}'],
  ["usage-missing", 'data: {"usage":null}', '"usage":null'],
  ["no-object", "event: a\ndata: [DONE]", "data: [DONE]"],
  ["no-name", 'data: {"type":"ping"}', '"type":"ping"'],
  ["no-name", 'event: ping\ndata: {"type":"pong"}', "event: ping"],
  ["after-stop", "event: ping\ndata: {}", "event: ping"],
  ["later-delta", 'data: {"delta":{"stop_reason":null}}', '"delta":{"stop_reason":null}'],
  ["usage-missing", "data: {}", "data: {}"],
]) {
  test(`${rule} is marked in ${JSON.stringify(raw)}`, () => {
    const [start, end] = placeIn(rule, raw);
    assert.equal(raw.slice(start, end), expected);
  });
}
