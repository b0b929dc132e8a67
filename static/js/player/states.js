/** The player's states, and the commands that each one takes. */

/** @typedef {"empty" | "ready" | "playing" | "paused" | "ended" | "failed"} Phase */
/** @typedef {"load" | "start" | "pause" | "step" | "seek" | "reset" | "finish" | "fail"} Command */

/** @type {Record<Phase, Partial<Record<Command, Phase>>>} */
const TRANSITIONS = {
  empty: { load: "ready", fail: "failed" },
  ready: { load: "ready", start: "playing", step: "paused", seek: "paused", fail: "failed" },
  playing: {
    load: "ready",
    pause: "paused",
    step: "paused",
    seek: "playing",
    reset: "ready",
    finish: "ended",
    fail: "failed",
  },
  paused: {
    load: "ready",
    start: "playing",
    step: "paused",
    seek: "paused",
    reset: "ready",
    finish: "ended",
    fail: "failed",
  },
  ended: { load: "ready", start: "playing", seek: "paused", reset: "ready", fail: "failed" },
  failed: { load: "ready", fail: "failed" },
};

/**
 * What can be done to a stream that is still arriving: it cannot be held, nor shown before it is
 * there. Once it has ended it is a recording like any other.
 * @type {ReadonlySet<Command>}
 */
export const WHILE_ARRIVING = new Set(["load", "start", "finish", "fail"]);

/**
 * The phase that a command leads to; null where the phase does not take it.
 * @param {Phase} phase
 * @param {Command} command
 * @returns {Phase | null}
 */
export function next(phase, command) {
  return TRANSITIONS[phase][command] ?? null;
}
