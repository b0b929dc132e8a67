import assert from "node:assert/strict";
import { test } from "node:test";
import { next } from "../../../static/js/player/states.js";

/** @typedef {import("../../../static/js/player/states.js").Phase} Phase */
/** @typedef {import("../../../static/js/player/states.js").Command} Command */

/** @type {Phase[]} */
const PHASES = ["empty", "ready", "playing", "paused", "ended", "failed"];
/** @type {Command[]} */
const COMMANDS = ["load", "start", "pause", "step", "seek", "reset", "finish", "fail"];

test("every phase can load another stream, and can fail", () => {
  for (const phase of PHASES) {
    assert.equal(next(phase, "load"), "ready");
    assert.equal(next(phase, "fail"), "failed");
  }
});

test("every phase can be reached, and every target is a phase", () => {
  const targets = new Set(
    PHASES.flatMap((phase) => COMMANDS.map((command) => next(phase, command))),
  );
  assert.deepEqual(targets, new Set([...PHASES.filter((phase) => phase !== "empty"), null]));
});

test("a command that makes no sense leads nowhere", () => {
  /** @type {[Phase, Command][]} */
  const senseless = [
    ["empty", "start"],
    ["ready", "pause"],
    ["ready", "reset"],
    ["playing", "start"],
    ["paused", "pause"],
    ["ended", "step"],
    ["failed", "start"],
  ];
  for (const [phase, command] of senseless) assert.equal(next(phase, command), null);
});
