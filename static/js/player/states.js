/** The player's states, and the commands that each one accepts. */

/** @typedef {"empty" | "ready" | "playing" | "paused" | "ended" | "failed"} Phase */
/** @typedef {"load" | "start" | "pause" | "step" | "seek" | "reset" | "finish" | "fail"} Command */

const ALWAYS = /** @type {const} */ ({ load: "ready", fail: "failed" });

/** @type {Record<Phase, Partial<Record<Command, Phase>>>} */
const TRANSITIONS = {
  empty: ALWAYS,
  ready: { ...ALWAYS, start: "playing", step: "paused", seek: "paused" },
  playing: {
    ...ALWAYS,
    pause: "paused",
    step: "paused",
    seek: "playing",
    reset: "ready",
    finish: "ended",
  },
  paused: {
    ...ALWAYS,
    start: "playing",
    step: "paused",
    seek: "paused",
    reset: "ready",
    finish: "ended",
  },
  ended: { ...ALWAYS, start: "playing", seek: "paused", reset: "ready" },
  failed: ALWAYS,
};

/**
 * The commands for a stream that is still received. It can be replayed once it has ended.
 * @type {ReadonlySet<Command>}
 */
export const WHILE_ARRIVING = new Set(["load", "start", "finish", "fail"]);

/**
 * The phase that a command leads to; null where the phase does not accept it.
 * @param {Phase} phase
 * @param {Command} command
 * @returns {Phase | null}
 */
export function next(phase, command) {
  return TRANSITIONS[phase][command] ?? null;
}
