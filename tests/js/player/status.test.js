import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../../../static/js/player/player.js";
import { statusOf } from "../../../static/js/player/status.js";
import { bytesOf, ManualFrames, playing, textStream, wholeSource } from "./stream.js";

const entry = { anchor: "", when: "", meaning: "" };
const TABLE = {
  events: {},
  deltas: {},
  blocks: {},
  stop_reasons: {
    end_turn: { ...entry, client: "Show it.", outcome: "complete" },
    max_tokens: { ...entry, client: "Say so.", outcome: "early" },
    pause_turn: { ...entry, client: "Send it back.", outcome: "continue" },
  },
  errors: { overloaded_error: { ...entry, client: "Try again." } },
};

/** @param {Player} player */
function status(player) {
  const { kind, label, advice } = statusOf(player, TABLE);
  return { kind, label, advice };
}

/**
 * The status at the end of a text stream whose last events are replaced.
 * @param {number} kept how many events of the stream are kept
 * @param {import("../../../static/js/protocol/message.js").WireObject[]} rest
 */
async function statusAfter(kept, ...rest) {
  const events = textStream("abc").slice(0, kept);
  for (const event of rest) events.push([200, event]);
  const player = new Player(new ManualFrames());
  await player.load(wholeSource(events));
  await player.seek(events.length);
  return status(player);
}

/** @param {string} reason */
function ending(reason) {
  return [
    { type: "message_delta", delta: { stop_reason: reason }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ];
}

test("before the start the status is ready", async () => {
  const player = new Player(new ManualFrames());
  await player.load(wholeSource(textStream("abc")));
  assert.equal(status(player).label, "Ready");
});

test("a stream waits, streams, waits again in a silence, and can be paused", async () => {
  const events = textStream("a", "b");
  events[3][0] += 5000;
  const { player, frames } = await playing(events, { mode: "sent" });
  const labels = [status(player).label];
  for (const ms of [160, 600]) {
    frames.run(ms);
    labels.push(status(player).label);
  }
  await player.pause();
  labels.push(status(player).label);
  assert.deepEqual(labels, ["Waiting", "Streaming", "Waiting", "Paused"]);
});

test("an open thinking block is thinking", async () => {
  const events = textStream("a");
  events[1][1].content_block = { type: "thinking", thinking: "" };
  const { player, frames } = await playing(events, { mode: "sent" });
  frames.run(120);
  assert.equal(status(player).label, "Thinking");
});

test("a stop reason that completes the answer says so", async () => {
  assert.deepEqual(await statusAfter(4, ...ending("end_turn")), {
    kind: "complete",
    label: "Complete: end_turn",
    advice: "",
  });
});

test("other stop reasons stop early, with what to do", async () => {
  assert.deepEqual(await statusAfter(4, ...ending("max_tokens")), {
    kind: "early",
    label: "Stopped early: max_tokens",
    advice: "Say so.",
  });
  assert.equal((await statusAfter(4, ...ending("pause_turn"))).label, "Stopped early: pause_turn");
});

test("a stop reason that the table does not know still completes", async () => {
  assert.equal((await statusAfter(4, ...ending("new_reason"))).kind, "complete");
});

test("an error event and a missing message_stop stop early", async () => {
  const error = { type: "error", error: { type: "overloaded_error" } };
  assert.deepEqual(await statusAfter(3, error), {
    kind: "early",
    label: "Stopped early: overloaded_error",
    advice: "Try again.",
  });
  assert.equal((await statusAfter(3)).label, "Stopped early: no message_stop");
});

/** @param {(log: import("../../../static/js/stream/event-log.js").EventLog) => void} fill */
async function statusOfLog(fill) {
  const player = new Player(new ManualFrames());
  await player.load({ open: async (log) => fill(log) });
  await player.seek(99);
  return status(player);
}

test("a cut stream says what was kept", async () => {
  const cut = await statusOfLog((log) => {
    for (const [at, event] of textStream("abc").slice(0, 3)) log.feed(bytesOf(event), at);
    log.end("connection cut");
  });
  assert.equal(cut.label, "Stopped early: connection cut");
  assert.match(cut.advice, /^3 characters came\. Keep the text/);
});

test("a cut tool call must not be run", async () => {
  const cut = await statusOfLog((log) => {
    const block = { type: "tool_use", name: "get_weather", input: {} };
    const delta = { type: "input_json_delta", partial_json: '{"ci' };
    log.feed(bytesOf({ type: "message_start", message: {} }), 0);
    log.feed(bytesOf({ type: "content_block_start", index: 0, content_block: block }), 0);
    log.feed(bytesOf({ type: "content_block_delta", index: 0, delta }), 0);
    log.end("connection cut");
  });
  assert.match(cut.advice, /The input of get_weather is cut: do not run it\./);
});

test("an HTTP error has its status and its type for a label, and its own advice", async () => {
  const refused = await statusOfLog((log) => {
    log.begin({ status: 529, type: "application/json" });
    const error = { type: "overloaded_error", message: "Overloaded" };
    log.feed(new TextEncoder().encode(JSON.stringify({ type: "error", error })), 0);
    log.end();
  });
  assert.deepEqual(refused, {
    kind: "early",
    label: "HTTP 529: overloaded_error",
    advice: "Try again.",
  });
});

test("a message_stop that no blank line ended keeps the advice of its stop reason", async () => {
  for (const [reason, advice] of [
    ["max_tokens", "Before it came max_tokens. Say so."],
    ["end_turn", "Before it came end_turn. Show it."],
    [
      "new_reason",
      "Keep the text and say that it is incomplete: only message_stop means complete.",
    ],
  ]) {
    const cut = await statusOfLog((log) => {
      const [delta] = ending(reason);
      log.feed(bytesOf(textStream("abc")[0][1]), 0);
      log.feed(bytesOf(delta), 0);
      log.feed(new TextEncoder().encode('data: {"type":"message_stop"}'), 0);
      log.end();
    });
    assert.deepEqual(cut, {
      kind: "early",
      label: "Stopped early: message_stop not delivered",
      advice,
    });
  }
});

test("without a single event there is nothing to keep", async () => {
  const unanswered = await statusOfLog((log) => log.end("no answer"));
  assert.equal(unanswered.label, "Stopped early: no answer");
  assert.match(unanswered.advice, /^Nothing came/);
});

test("a stream that could not be loaded says why, in a sentence", async () => {
  const player = new Player(new ManualFrames());
  for (const [message, advice] of [
    ["The site answered 404.", "The site answered 404."],
    ["Failed to fetch", "Failed to fetch."],
  ]) {
    await player.load({ open: () => Promise.reject(new Error(message)) });
    assert.deepEqual(status(player), {
      kind: "failed",
      label: "The stream could not be loaded",
      advice,
    });
  }
});

test("an error of the page's own says what happened, what was kept and what to do", async (t) => {
  t.mock.method(console, "error", () => {});
  const { player, frames } = await playing(textStream("abc"), { mode: "sent" });
  frames.run(160);
  player.attempt(() => {
    throw new Error("half drawn");
  });
  assert.deepEqual(status(player), {
    kind: "failed",
    label: "The page could not go on with this stream",
    advice:
      "An error of the page's own, after event 4: half drawn. 3 characters came; what is shown " +
      "of them stays. Choose a stream again, or reload the page.",
  });
});

test("a stop reason and an error that are called as what every object has are told as they are", async () => {
  assert.equal((await statusAfter(4, ...ending("constructor"))).label, "Complete: constructor");
  const error = { type: "error", error: { type: "__proto__" } };
  assert.match((await statusAfter(3, error)).advice, /^Keep the text/);
});
