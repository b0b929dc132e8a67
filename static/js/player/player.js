/**
 * One player for every source of a stream.
 *
 * A source fills a log with timed events, at once (recorded) or as they arrive (live).
 * The player releases them at the chosen pace, gives their text to a typewriter or shows
 * it whole, and tells its listeners once a frame. Commands wait for each other in one
 * queue, so that "start" pressed during loading starts what is being loaded.
 */

import { Assembly, isWritten, streamedText } from "../protocol/message.js";
import { codePoints } from "../protocol/read.js";
import { EventLog } from "../stream/event-log.js";
import { REAL_TIME, waitBefore } from "./pace.js";
import { next, WHILE_ARRIVING } from "./states.js";
import { Typewriter } from "./typewriter.js";

/**
 * @typedef {object} Source
 * @property {(log: EventLog) => Promise<void>} open fills the log; resolves when it can be played
 * @property {() => void} [stop] ends a source that is still filling it
 * @property {() => number} [now] milliseconds since the request, of a source that goes on by itself
 */

/**
 * @typedef {object} Frames what paces the player; a test passes its own
 * @property {(callback: (now: number) => void) => number} request
 * @property {(id: number) => void} cancel
 */

// A frame does at most this much, so that even an unpaced stream leaves time to paint.
const EVENTS_A_FRAME = 250;
const CHARACTERS_A_FRAME = 4000;
// A hidden tab gets no frames; when it is back, the stream goes on where it was.
const LONGEST_FRAME = 250;
const IDLE_AFTER = 500;

export class Player {
  /** @type {import("./states.js").Phase} */
  phase = "empty";
  /** @type {import("./pace.js").Mode} */
  mode = "typewriter";
  speed = REAL_TIME;
  /** How many events were released. */
  count = 0;
  /** Time that passed while playing, in ms. */
  elapsed = 0;
  /** @type {number | null} the elapsed time at the first text of the answer */
  firstWord = null;
  /** Characters (code points) shown, of text and tool input. */
  characters = 0;
  /** Grows whenever what was shown is no longer a beginning of what is to be shown. */
  generation = 0;
  /** Whether a source is being opened. */
  isLoading = false;
  /** @type {string | null} why the player failed */
  failure = null;
  /** Whether what failed is the page itself, and not the loading. */
  isBroken = false;
  assembly = new Assembly();
  log = new EventLog();

  #frames;
  /** @type {Set<(player: Player) => void>} */
  #listeners = new Set();
  /** @type {Promise<unknown>} */
  #queue = Promise.resolve();
  /** @type {Source | null} */
  #source = null;
  #typewriter = new Typewriter();
  #credit = 0;
  #idle = 0;
  #frame = 0;
  /** @type {number | null} */
  #lastFrame = null;
  /** @type {number | null} how far a source that goes on by itself was played; null once it ended */
  #arrived = null;

  /** @param {Frames} frames */
  constructor(frames) {
    this.#frames = frames;
  }

  /**
   * @param {(player: Player) => void} listener told after every change, at most once a frame
   */
  listen(listener) {
    this.#listeners.add(listener);
  }

  /** The text of the last block that is not yet shown, in UTF-16 code units. */
  get pending() {
    return this.#typewriter.pending;
  }

  /** @returns {number | null} how many events there are; null while more may come */
  get total() {
    return this.log.ending ? this.log.events.length : null;
  }

  /** By how much the slider stretches time: 1 is real time, 2 half as fast. */
  get timeScale() {
    return this.speed / REAL_TIME;
  }

  /** Whether a stream that is playing has shown nothing new for a while. */
  get isIdle() {
    return this.#idle > IDLE_AFTER * Math.max(1, this.timeScale);
  }

  /** Whether the stream comes by itself, and has not ended. */
  get isArriving() {
    return this.#source?.now !== undefined && this.log.ending === null;
  }

  /** @param {import("./states.js").Command} command */
  can(command) {
    return this.#next(command) !== null;
  }

  /**
   * Replace the stream. A source that cannot be opened leaves the player failed.
   * @param {Source} source
   */
  load(source) {
    return this.#enqueue(async () => {
      this.#source?.stop?.();
      this.#source = source;
      this.#enter("load");
      this.log = new EventLog();
      this.#arrived = source.now ? 0 : null;
      this.failure = null;
      this.isBroken = false;
      this.isLoading = true;
      this.#rewind();
      this.#tell();
      try {
        await source.open(this.log);
      } catch (error) {
        this.#fail(error);
      } finally {
        this.isLoading = false;
      }
    });
  }

  /** Play, or play on; from the top where the stream had ended. */
  start() {
    return this.#command("start", (from) => {
      if (from === "ended") this.#rewind();
    });
  }

  pause() {
    return this.#command("pause", () => {});
  }

  /** Back to the top, not playing. */
  reset() {
    return this.#command("reset", () => this.#rewind());
  }

  /** Release one event with all its text, and pause. */
  step() {
    return this.#command("step", () => {
      this.#show(this.#typewriter.typeAll());
      if (this.count < this.log.events.length) this.#stepTo(this.count + 1);
      this.#finishIfOver(this.#waitBeforeEnd());
    });
  }

  /**
   * Show the stream as it is after this many events.
   * @param {number} count
   */
  seek(count) {
    return this.#command("seek", (from) => {
      const target = Math.max(0, Math.min(count, this.log.events.length));
      this.#show(this.#typewriter.typeAll());
      // The wait before the end is counted once.
      const wasOver = from === "ended" && target === this.count;
      if (target < this.count) this.#rewind();
      this.#stepTo(target);
      this.#finishIfOver(wasOver ? 0 : this.#waitBeforeEnd());
    });
  }

  /** @param {import("./pace.js").Mode} mode */
  setMode(mode) {
    this.mode = mode;
    if (mode === "sent") this.#show(this.#typewriter.typeAll());
    this.#tell();
  }

  /** @param {number} speed milliseconds a character */
  setSpeed(speed) {
    // Half-way to the next move stays half-way, at the new pace.
    this.#credit *= this.speed === 0 ? 0 : speed / this.speed;
    this.speed = speed;
    this.#tell();
  }

  /**
   * @param {import("./states.js").Command} command
   * @param {(from: import("./states.js").Phase) => void} action
   */
  #command(command, action) {
    return this.#enqueue(() => {
      const from = this.phase;
      if (this.#enter(command)) action(from);
    });
  }

  /** @param {() => unknown} action */
  #enqueue(action) {
    const done = this.#queue
      .then(action)
      .catch((error) => this.#break(error))
      .then(() => this.#tell());
    this.#queue = done;
    return done;
  }

  /**
   * Do what may meet an error of the page's own: the player then says so, and never just stands.
   * @param {() => void} action
   */
  attempt(action) {
    try {
      action();
    } catch (error) {
      this.#break(error);
      this.#tell();
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.failure = error instanceof Error ? error.message : String(error);
    this.#enter("fail");
  }

  /** @param {unknown} error */
  #break(error) {
    console.error(error);
    this.isBroken = true;
    this.#fail(error);
  }

  /** @param {import("./states.js").Command} command */
  #next(command) {
    if (this.isArriving && !WHILE_ARRIVING.has(command)) return null;
    // What came by itself, and brought no event, is nothing to play again.
    const isEmpty = this.#source?.now !== undefined && this.total === 0;
    if (command === "start" && this.phase === "ended" && isEmpty) return null;
    return next(this.phase, command);
  }

  /** @param {import("./states.js").Command} command */
  #enter(command) {
    const phase = this.#next(command);
    if (phase === null) return false;
    this.phase = phase;
    if (phase === "playing") this.#requestFrame();
    else this.#cancelFrame();
    return true;
  }

  #requestFrame() {
    if (this.#frame === 0) this.#frame = this.#frames.request((now) => this.#onFrame(now));
  }

  #cancelFrame() {
    this.#frames.cancel(this.#frame);
    this.#frame = 0;
    this.#lastFrame = null;
  }

  /** @param {number} now */
  #onFrame(now) {
    this.#frame = 0;
    this.attempt(() => {
      this.#advance(this.#passed(now));
      if (this.phase === "playing") this.#requestFrame();
      this.#tell();
    });
  }

  /**
   * @param {number} now
   * @returns {number} the milliseconds by which the stream goes on in this frame
   */
  #passed(now) {
    const passed = this.#lastFrame === null ? 0 : Math.max(0, now - this.#lastFrame);
    this.#lastFrame = now;
    // What arrives by itself has its own time, which no hidden tab holds up.
    const arrived = this.#arrived;
    if (this.#source?.now && arrived !== null) {
      this.#arrived = this.log.ending === null ? this.#source.now() : null;
      return Math.max(0, (this.log.ending?.at ?? this.#source.now()) - arrived);
    }
    return Math.min(passed, LONGEST_FRAME);
  }

  /** @param {number} passed milliseconds */
  #advance(passed) {
    this.elapsed += passed;
    this.#credit += passed;
    this.#idle += passed;
    let events = EVENTS_A_FRAME;
    let characters = CHARACTERS_A_FRAME;
    while (events > 0 && characters > 0) {
      const mayType = this.#mayType();
      const wait = mayType ? this.#typingTime : this.#waitForNext();
      if (wait === null || wait > this.#credit) return;
      this.#credit -= wait;
      if (!mayType && this.count === this.log.events.length) {
        this.#finish(-this.#credit);
        return;
      }
      const shown = mayType ? this.#type() : this.#release();
      if (!mayType) events -= 1;
      characters -= shown.length;
    }
    // The rest waits for the next frame, but time does not pile up.
    this.#credit = 0;
  }

  /** A text that is shown whole is only held back by what a frame can show. */
  get #typingTime() {
    return this.mode === "sent" ? 0 : this.speed;
  }

  /** Whether the next move is to type: not while the next event may extend the last grapheme. */
  #mayType() {
    if (this.#typewriter.pending === 0) return false;
    if (this.mode === "sent" || !this.#typewriter.isLastGrapheme) return true;
    const following = this.log.events[this.count];
    if (following === undefined) return this.log.ending !== null;
    return streamedText(following.data) === "" || !this.#continues(following.data);
  }

  /** @param {import("../protocol/message.js").WireObject | null} event */
  #continues(event) {
    return event?.index === this.log.events[this.count - 1]?.data?.index;
  }

  #type() {
    const isPaced = this.#typingTime > 0;
    const text = isPaced ? this.#typewriter.type() : this.#typewriter.typeMost(CHARACTERS_A_FRAME);
    this.#show(text);
    return text;
  }

  /** Release the next event. @returns {string} the text that it brings, if it is shown at once */
  #release() {
    const event = this.log.events[this.count];
    this.count += 1;
    this.#idle = 0;
    this.#typewriter.add(this.assembly.apply(event.data));
    return this.mode === "typewriter" ? "" : this.#type();
  }

  /**
   * Count text of the block that the last event belongs to as shown.
   * @param {string} text
   */
  #show(text) {
    if (text === "") return;
    this.#idle = 0;
    const event = this.log.events[this.count - 1].data;
    if (isWritten(event)) this.characters += codePoints(text);
    if (event?.delta.type === "text_delta") this.firstWord ??= this.elapsed - this.#credit;
  }

  /**
   * Release events up to a count, at once but counting the time that they would have taken.
   * @param {number} target
   */
  #stepTo(target) {
    this.#credit = 0;
    while (this.count < target) {
      const index = this.count;
      this.elapsed += this.#waitBefore(index);
      this.#release();
      const text = this.#typewriter.typeAll();
      this.#show(text);
      if (this.mode === "typewriter") this.elapsed += codePoints(text) * this.speed;
    }
  }

  /** @param {number} index */
  #waitBefore(index) {
    const { at, data } = this.log.events[index];
    const gap = at - (this.log.events[index - 1]?.at ?? 0);
    return waitBefore(this.mode, this.speed, gap, streamedText(data) !== "");
  }

  /** The wait for the next event or for the end; null while neither has come. */
  #waitForNext() {
    if (this.count < this.log.events.length) return this.#waitBefore(this.count);
    return this.#typewriter.pending === 0 ? this.#waitBeforeEnd() : null;
  }

  /** A stream may end long after its last event, as one that falls silent and is then cut. */
  #waitBeforeEnd() {
    const { events, ending } = this.log;
    if (ending === null) return null;
    return waitBefore(this.mode, this.speed, ending.at - (events.at(-1)?.at ?? 0), false);
  }

  /** @param {number | null} wait milliseconds from the last event to the end */
  #finishIfOver(wait) {
    if (this.total !== this.count || this.#typewriter.pending > 0) return;
    this.#finish(wait ?? 0);
  }

  /** @param {number} rest milliseconds between the time that was counted and the end */
  #finish(rest) {
    if (!this.#enter("finish")) return;
    this.elapsed += rest;
    this.#credit = 0;
  }

  #rewind() {
    this.count = 0;
    this.elapsed = 0;
    this.firstWord = null;
    this.characters = 0;
    this.generation += 1;
    this.assembly = new Assembly();
    this.#typewriter = new Typewriter();
    this.#credit = 0;
    this.#idle = 0;
  }

  /** A listener that fails does not keep the others from saying so. */
  #tell() {
    const before = this.phase;
    for (const listener of this.#listeners) {
      try {
        listener(this);
      } catch (error) {
        this.#break(error);
      }
    }
    if (before !== "failed" && this.phase === "failed") this.#tell();
  }
}
