/** Small made-up streams, and a clock instead of the browser's frames. */

import { Player } from "../../../static/js/player/player.js";

const encoder = new TextEncoder();

/** @typedef {import("../../../static/js/protocol/message.js").WireObject} WireObject */

/**
 * @param {WireObject} event
 * @returns {Uint8Array}
 */
export function bytesOf(event) {
  return encoder.encode(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

/**
 * A stream of one text block: start at 100 ms, a delta every 50 ms, then the end.
 * @param {string[]} deltas
 * @returns {[number, WireObject][]}
 */
export function textStream(...deltas) {
  const usage = { input_tokens: 3, output_tokens: 1 };
  const text = { type: "text", text: "" };
  const end = { stop_reason: "end_turn", stop_sequence: null };
  let at = 100;
  return [
    [100, { type: "message_start", message: { id: "m", content: [], usage } }],
    [100, { type: "content_block_start", index: 0, content_block: text }],
    ...deltas.map((piece) => {
      at += 50;
      const delta = { type: "text_delta", text: piece };
      return /** @type {[number, WireObject]} */ ([
        at,
        { type: "content_block_delta", index: 0, delta },
      ]);
    }),
    [at, { type: "content_block_stop", index: 0 }],
    [at + 20, { type: "message_delta", delta: end, usage: { output_tokens: 9 } }],
    [at + 20, { type: "message_stop" }],
  ];
}

/**
 * A source that has everything at once.
 * @param {[number, WireObject][]} events
 * @returns {import("../../../static/js/player/player.js").Source}
 */
export function wholeSource(events) {
  return {
    async open(log) {
      for (const [at, event] of events) log.feed(bytesOf(event), at);
      log.end();
    },
  };
}

/** Frames that come when the test says so. */
export class ManualFrames {
  now = 1000;
  /** @type {Map<number, (now: number) => void>} */
  #callbacks = new Map();
  #last = 0;

  /** @param {(now: number) => void} callback */
  request(callback) {
    this.#last += 1;
    this.#callbacks.set(this.#last, callback);
    return this.#last;
  }

  /** @param {number} id */
  cancel(id) {
    this.#callbacks.delete(id);
  }

  get isWanted() {
    return this.#callbacks.size > 0;
  }

  /** @param {number} ms */
  pass(ms) {
    this.now += ms;
    const due = [...this.#callbacks.values()];
    this.#callbacks.clear();
    for (const callback of due) callback(this.now);
  }

  /**
   * Pass time in frames of this length.
   * @param {number} ms
   */
  run(ms, frame = 10) {
    for (let passed = 0; passed < ms; passed += frame) this.pass(frame);
  }
}

/**
 * A player at the start of a stream, playing if told so.
 * @param {[number, WireObject][]} events
 * @param {Partial<Pick<Player, "mode" | "speed">>} [settings]
 */
export async function playing(events, settings = {}) {
  const frames = new ManualFrames();
  const player = new Player(frames);
  Object.assign(player, settings);
  await player.load(wholeSource(events));
  await player.start();
  frames.pass(0);
  return { player, frames };
}

/** @param {Player} player */
export function shownText(player) {
  const text = player.assembly.streamed.join("");
  return text.slice(0, text.length - player.pending);
}
