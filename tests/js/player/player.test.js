import assert from "node:assert/strict";
import { test } from "node:test";
import { Player } from "../../../static/js/player/player.js";
import { bytesOf, ManualFrames, playing, shownText, textStream, wholeSource } from "./stream.js";

/** @typedef {import("../../../static/js/stream/event-log.js").EventLog} EventLog */

test("as sent, events come at their own times, each with all its text", async () => {
  const { player, frames } = await playing(textStream("Hello ", "world"), { mode: "sent" });
  /** @type {string[]} */
  const seen = [];
  for (let time = 10; time <= 220; time += 10) {
    frames.pass(10);
    seen.push(`${time} ${player.count} ${shownText(player)}`);
  }
  const changes = seen.filter((line, n) => line.slice(4) !== seen[n - 1]?.slice(4)).slice(1);
  assert.deepEqual(changes, ["100 2 ", "150 3 Hello ", "200 5 Hello world", "220 7 Hello world"]);
  assert.equal(player.phase, "ended");
  assert.equal(player.elapsed, 220);
  assert.equal(player.firstWord, 150);
});

test("as sent, the slider scales time", async () => {
  const { player, frames } = await playing(textStream("a", "b"), { mode: "sent", speed: 60 });
  frames.run(290);
  assert.equal(shownText(player), "");
  frames.run(10);
  assert.equal(shownText(player), "a");
  frames.run(140);
  assert.equal(player.phase, "ended");
  assert.equal(player.elapsed, 440);
});

test("as sent, the place on the wire passes silences", async () => {
  const { player, frames } = await playing(textStream("a"), { mode: "sent", speed: 60 });
  const seen = [];
  for (let step = 0; step < 5; step += 1) {
    frames.run(80);
    seen.push([player.count, player.at]);
  }
  assert.deepEqual(seen, [
    [0, 40],
    [0, 80],
    [2, 120],
    [4, 160],
    [6, 170],
  ]);
  await player.seek(3);
  assert.equal(player.at, 150);
  player.setMode("typewriter");
  assert.equal(player.at, 150);
  await player.reset();
  assert.equal(player.at, 0);
});

test("the typewriter shows one grapheme at the slider's pace", async () => {
  const family = "👨‍👩‍👧";
  const stream = textStream("ab", `c${family.slice(0, 3)}`, family.slice(3), "!");
  const { player, frames } = await playing(stream, { mode: "typewriter", speed: 20 });
  frames.run(60);
  const seen = [];
  for (let n = 0; n < 12; n += 1) {
    seen.push(shownText(player));
    frames.pass(20);
  }
  assert.deepEqual([...new Set(seen)].filter(Boolean), [
    "a",
    "ab",
    "abc",
    `abc${family}`,
    `abc${family}!`,
  ]);
});

test("the typewriter cuts silences short", async () => {
  const stream = textStream("a");
  for (const entry of stream.slice(2)) entry[0] += 60_000;
  const { player, frames } = await playing(stream, { mode: "typewriter" });
  frames.run(2000);
  assert.equal(player.phase, "ended");
});

test("at 0 ms a long text still takes several frames, in order", async () => {
  const deltas = Array.from({ length: 1000 }, (_, n) => `${n} `.padEnd(20, "."));
  for (const mode of /** @type {const} */ (["typewriter", "sent"])) {
    const { player, frames } = await playing(textStream(...deltas), { mode, speed: 0 });
    let count = 1;
    let longest = 0;
    for (let before = player.count; player.phase === "playing"; before = player.count) {
      frames.pass(16);
      count += 1;
      longest = Math.max(longest, player.count - before);
      assert.ok(deltas.join("").startsWith(shownText(player)));
    }
    assert.equal(shownText(player), deltas.join(""));
    assert.ok(count >= 5, `${count} frames`);
    assert.ok(longest <= 250, `${longest} events in one frame`);
  }
});

test("a change of speed counts from where the stream is", async () => {
  const { player, frames } = await playing(textStream("abcdef"), {
    mode: "typewriter",
    speed: 100,
  });
  frames.run(600);
  const before = shownText(player).length;
  player.setSpeed(10);
  frames.run(20);
  assert.equal(shownText(player).length - before >= 2, true);
  player.setSpeed(200);
  const then = shownText(player).length;
  frames.run(100);
  assert.ok(shownText(player).length <= then + 1, "what was nearly due may still come");
});

test("paused, nothing moves and no frame is asked for", async () => {
  const { player, frames } = await playing(textStream("abc"), { mode: "sent" });
  frames.run(120);
  await player.pause();
  const { elapsed, count } = player;
  assert.equal(frames.isWanted, false);
  frames.run(1000);
  assert.deepEqual([player.elapsed, player.count], [elapsed, count]);
  await player.start();
  frames.pass(500);
  assert.equal(player.elapsed, elapsed, "the pause itself is not played");
});

test("a hidden tab does not make the stream jump", async () => {
  const { player, frames } = await playing(textStream("abc"), { mode: "sent" });
  frames.pass(60_000);
  assert.equal(player.elapsed <= 250, true);
});

test("step releases one event with all its text, and pauses", async () => {
  const player = new Player(new ManualFrames());
  await player.load(wholeSource(textStream("abc", "def")));
  for (const [count, text] of [
    [1, ""],
    [2, ""],
    [3, "abc"],
    [4, "abcdef"],
  ]) {
    await player.step();
    assert.deepEqual([player.phase, player.count, shownText(player)], ["paused", count, text]);
  }
  for (let n = 0; n < 3; n += 1) await player.step();
  assert.equal(player.phase, "ended");
});

test("seeking shows the stream as playing to there would have, in both directions", async () => {
  const stream = textStream("abc", "def", "ghi");
  const player = new Player(new ManualFrames());
  player.setMode("sent");
  await player.load(wholeSource(stream));
  for (const count of [4, 2, 8, 0, 5, 99]) {
    await player.seek(count);
    const played = new Player(new ManualFrames());
    played.setMode("sent");
    await played.load(wholeSource(stream));
    for (let n = 0; n < Math.min(count, stream.length); n += 1) await played.step();
    for (const key of /** @type {const} */ (["count", "elapsed", "firstWord", "characters"])) {
      assert.equal(player[key], played[key], `${key} after ${count}`);
    }
    assert.deepEqual(player.assembly.message, played.assembly.message);
  }
  assert.equal(player.phase, "ended");
});

test("only going back starts a new generation", async () => {
  const player = new Player(new ManualFrames());
  await player.load(wholeSource(textStream("abc")));
  const first = player.generation;
  await player.seek(3);
  assert.equal(player.generation, first);
  await player.seek(1);
  assert.equal(player.generation, first + 1);
});

test("after the end, start plays from the top", async () => {
  const { player, frames } = await playing(textStream("abc"), { speed: 0 });
  frames.run(100);
  assert.equal(player.phase, "ended");
  await player.start();
  assert.deepEqual([player.phase, player.count, player.elapsed], ["playing", 0, 0]);
});

test("reset goes back to the top and waits", async () => {
  const { player, frames } = await playing(textStream("abc"));
  frames.run(300);
  await player.reset();
  assert.deepEqual([player.phase, player.count, player.characters], ["ready", 0, 0]);
  assert.equal(frames.isWanted, false);
});

test("a command that the phase does not take changes nothing", async () => {
  const player = new Player(new ManualFrames());
  await player.load(wholeSource(textStream("abc")));
  await player.pause();
  await player.reset();
  assert.equal(player.phase, "ready");
});

test("a start during loading plays what is being loaded", async () => {
  const player = new Player(new ManualFrames());
  let release = () => {};
  const gate = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  const inner = wholeSource(textStream("abc"));
  player.load({ open: (log) => gate.then(() => inner.open(log)) });
  const started = player.start();
  await Promise.resolve();
  assert.equal(player.isLoading, true);
  release();
  await started;
  assert.deepEqual([player.phase, player.total], ["playing", 6]);
});

test("a source that cannot be opened leaves the player failed, with the reason", async () => {
  const player = new Player(new ManualFrames());
  await player.load({ open: () => Promise.reject(new Error("404 for it")) });
  assert.deepEqual([player.phase, player.failure], ["failed", "404 for it"]);
  await player.load(wholeSource(textStream("abc")));
  assert.deepEqual([player.phase, player.failure], ["ready", null]);
});

test("loading another stream stops a source that is still arriving", async () => {
  let stopped = 0;
  const player = new Player(new ManualFrames());
  await player.load({ open: async () => {}, stop: () => (stopped += 1) });
  await player.load(wholeSource(textStream("abc")));
  assert.equal(stopped, 1);
});

test("a stream that is still arriving is played as it comes", async () => {
  /** @type {EventLog | undefined} */
  let log;
  const frames = new ManualFrames();
  const player = new Player(frames);
  player.setMode("sent");
  const source = {
    /** @param {EventLog} opened */
    async open(opened) {
      log = opened;
    },
  };
  await player.load(source);
  await player.start();
  frames.pass(0);
  assert.equal(player.total, null);
  const events = textStream("abc");
  for (const [at, event] of events) {
    while (player.elapsed < at) frames.pass(10);
    log?.feed(bytesOf(event), at);
    frames.pass(0);
  }
  assert.equal(player.count, events.length);
  assert.equal(player.phase, "playing", "more may come");
  log?.end();
  frames.pass(10);
  assert.equal(player.phase, "ended");
});

/**
 * A player of a stream that goes on by itself, playing, with the clock that both share.
 * @param {[number, import("./stream.js").WireObject][]} events
 */
async function arriving(events) {
  const frames = new ManualFrames();
  const begun = frames.now;
  const player = new Player(frames);
  player.setMode("sent");
  const now = () => frames.now - begun;
  /** @type {EventLog} */
  let log = player.log;
  await player.load({
    now,
    async open(opened) {
      log = opened;
    },
  });
  await player.start();
  let sent = 0;
  /** Let time pass, with events arriving at theirs. @param {number} ms */
  const pass = (ms) => {
    frames.pass(ms);
    for (; sent < events.length && events[sent][0] <= now(); sent += 1) {
      log.feed(bytesOf(events[sent][1]), events[sent][0]);
    }
    frames.pass(0);
  };
  return { player, frames, pass, end: (/** @type {string | null} */ why) => log.end(why, now()) };
}

test("what arrives by itself is shown when it comes, and its time never stands still", async () => {
  const { player, frames, pass, end } = await arriving(textStream("abc", "def"));
  pass(155);
  assert.deepEqual([shownText(player), player.elapsed], ["abc", 155]);
  // A hidden tab gets no frames; what came meanwhile is there at once.
  pass(60_000);
  assert.deepEqual([shownText(player), player.elapsed], ["abcdef", 60_155]);
  end(null);
  frames.pass(0);
  assert.deepEqual([player.phase, player.elapsed], ["ended", 60_155]);
});

test("a stream that is still arriving can be neither held nor moved, and afterwards it can", async () => {
  const { player, frames, pass, end } = await arriving(textStream("abc", "def"));
  pass(155);
  const { count } = player;
  for (const command of /** @type {const} */ (["pause", "step", "reset"])) {
    assert.equal(player.can(command), false, command);
    await player[command]();
  }
  await player.seek(1);
  assert.deepEqual([player.phase, player.count, player.isArriving], ["playing", count, true]);
  pass(100);
  end(null);
  frames.pass(0);
  assert.deepEqual([player.phase, player.isArriving], ["ended", false]);
  await player.seek(3);
  assert.deepEqual([player.phase, shownText(player)], ["paused", "abc"]);
});

test("what brought no event is nothing to play again", async () => {
  const { player, frames, end } = await arriving([]);
  frames.pass(0);
  end("no answer");
  frames.pass(0);
  assert.deepEqual([player.phase, player.can("start")], ["ended", false]);
  await player.start();
  assert.equal(player.phase, "ended");
});

test("once it has ended, an arrived stream is played again as it came", async () => {
  const { player, frames, pass, end } = await arriving(textStream("abc", "def"));
  pass(400);
  end("connection cut");
  frames.pass(0);
  await player.start();
  frames.pass(0);
  frames.run(150);
  assert.equal(shownText(player), "abc");
  frames.run(250);
  assert.deepEqual([player.phase, player.elapsed], ["ended", 400]);
});

test("a stream that ends long after its last event is waited for", async () => {
  const frames = new ManualFrames();
  const player = new Player(frames);
  player.setMode("sent");
  await player.load({
    async open(log) {
      for (const [at, event] of textStream("abc").slice(0, 3)) log.feed(bytesOf(event), at);
      log.feed(new Uint8Array(), 5_000);
      log.end("connection cut");
    },
  });
  await player.start();
  frames.pass(0);
  frames.run(4_900);
  assert.deepEqual([player.phase, player.count, player.isIdle], ["playing", 3, true]);
  frames.run(100);
  assert.deepEqual([player.phase, player.elapsed], ["ended", 5_000]);
  await player.seek(3);
  assert.deepEqual([player.phase, player.elapsed], ["ended", 5_000]);
});

test("the typewriter holds back the last grapheme of a stream that is still arriving", async () => {
  /** @type {EventLog | undefined} */
  let log;
  const frames = new ManualFrames();
  const player = new Player(frames);
  await player.load({
    async open(opened) {
      log = opened;
    },
  });
  player.setMode("typewriter");
  await player.start();
  for (const [, event] of textStream("ok 👨").slice(0, 3)) log?.feed(bytesOf(event), 0);
  frames.run(1000);
  assert.equal(shownText(player), "ok ");
  const delta = { type: "text_delta", text: "\u200d👧" };
  log?.feed(bytesOf({ type: "content_block_delta", index: 0, delta }), 0);
  log?.end();
  frames.run(200);
  assert.equal(shownText(player), "ok 👨‍👧");
});

test("characters are code points of text and tool input, not of thinking", async () => {
  const stream = textStream("é👍");
  const block = { type: "thinking", thinking: "" };
  stream.splice(
    1,
    0,
    [100, { type: "content_block_start", index: 0, content_block: block }],
    [
      100,
      {
        type: "content_block_delta",
        index: 0,
        delta: { type: "thinking_delta", thinking: "hmm" },
      },
    ],
    [100, { type: "content_block_stop", index: 0 }],
  );
  for (const [, event] of stream.slice(4, 7)) event.index = 1;
  const player = new Player(new ManualFrames());
  await player.load(wholeSource(stream));
  await player.seek(99);
  assert.equal(player.characters, 2);
});

test("listeners hear every command", async () => {
  const player = new Player(new ManualFrames());
  /** @type {string[]} */
  const phases = [];
  player.listen(({ phase }) => phases.push(phase));
  await player.load(wholeSource(textStream("abc")));
  await player.step();
  await player.reset();
  assert.deepEqual(phases, ["ready", "ready", "paused", "ready"]);
});

test("a very long delta is shown over several frames, in both modes", async () => {
  for (const mode of /** @type {const} */ (["sent", "typewriter"])) {
    const text = "x".repeat(50_000);
    const { player, frames } = await playing(textStream(text, "end"), { mode, speed: 0 });
    frames.pass(10);
    assert.ok(shownText(player).length <= 12_000, mode);
    frames.run(500);
    assert.equal(player.phase, "ended");
    assert.equal(shownText(player), `${text}end`);
    assert.equal(player.characters, 50_003);
  }
});

test("an error of a listener's or of the page's own fails the player, which all listeners hear", async (t) => {
  t.mock.method(console, "error", () => {});
  const { player, frames } = await playing(textStream("abc"), { mode: "sent" });
  /** @type {string[]} */
  const heard = [];
  player.listen(() => {
    if (player.count > 1) throw new Error("half drawn");
  });
  player.listen(({ phase }) => heard.push(phase));
  frames.run(300);
  assert.equal(heard.at(-1), "failed");
  assert.deepEqual([player.isBroken, player.failure], [true, "half drawn"]);
  assert.equal(frames.isWanted, false);
  await player.load(wholeSource(textStream("abc")));
  assert.deepEqual([player.phase, player.isBroken, player.failure], ["ready", false, null]);
  player.assembly.apply = () => {
    throw new Error("broken");
  };
  await player.seek(1);
  assert.deepEqual([player.phase, player.isBroken, player.failure], ["failed", true, "broken"]);
});
