/**
 * One player for every source of a stream.
 *
 * A source fills an event log, at once (a plan, a file) or as its bytes are received (a request).
 * The player releases the events at the chosen pace, gives their text to a typewriter or shows it
 * at once, and notifies its listeners once per frame. Commands wait for each other in one queue, so
 * "start" during loading starts the stream that is being loaded.
 */

import { Assembly, isWritten, streamedText } from "../protocol/message.js";
import { codePoints } from "../protocol/read.js";
import { EventLog } from "../stream/event-log.js";
import { REAL_TIME, waitBefore } from "./pace.js";
import { next, WHILE_ARRIVING } from "./states.js";
import { Typewriter } from "./typewriter.js";

/** @typedef {import("./pace.js").Mode} Mode */
/** @typedef {import("./states.js").Command} Command */
/** @typedef {import("./states.js").Phase} Phase */

/**
 * @typedef {object} Source
 * @property {(log: EventLog) => Promise<void>} open fills the log; resolves when it can be played
 * @property {() => void} [stop] aborts a source that is still filling the log
 * @property {() => number} [now] milliseconds since the request, of a source that arrives by itself
 */

/**
 * @typedef {object} AnimationFrames requestAnimationFrame and its counterpart; tests pass their own
 * @property {(callback: (now: number) => void) => number} request
 * @property {(id: number) => void} cancel
 */

// The most work of one frame, so that an unpaced stream leaves time to paint.
const EVENTS_PER_FRAME = 250;
const CHARACTERS_PER_FRAME = 4000;
// A hidden tab gets no frames. When it is visible again, the stream continues where it was.
const LONGEST_FRAME_MS = 250;
const IDLE_AFTER_MS = 500;

export class Player {
  /** @type {Phase} */
  phase = "empty";
  /** @type {Mode} */
  mode = "sent";
  speed = REAL_TIME;
  /** How many events were released. */
  count = 0;
  /** Time that passed while playing, in ms. */
  elapsed = 0;
  /** @type {number | null} the elapsed time at the first text of the answer */
  firstWord = null;
  /** Characters (code points) shown, of text and tool input. */
  characters = 0;
  /** Grows whenever the views must start again from an empty answer. */
  generation = 0;
  /** Whether a source is being opened. */
  isLoading = false;
  /** @type {string | null} why the player failed */
  failure = null;
  /** Whether an error of the page itself made it fail, and not the loading. */
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
  /** Milliseconds that passed and are not yet spent on a move. */
  #credit = 0;
  /** Milliseconds since something new was shown. */
  #idle = 0;
  #frame = 0;
  /** @type {number | null} */
  #lastFrame = null;
  /** @type {number | null} up to when an arriving source was played, in ms; null once it ended */
  #playedTo = null;

  /** @param {AnimationFrames} frames */
  constructor(frames) {
    this.#frames = frames;
  }

  /** @param {(player: Player) => void} listener called after every change, at most once per frame */
  listen(listener) {
    this.#listeners.add(listener);
  }

  /** The length of the last block's text that is received but not yet shown, in UTF-16 code units. */
  get pending() {
    return this.#typewriter.pending;
  }

  /** @returns {number | null} how many events there are; null while more can be received */
  get total() {
    return this.log.ending ? this.log.events.length : null;
  }

  /** How far the stream has been played, in milliseconds on the wire: it passes silences, too. */
  get at() {
    const { events, ending } = this.log;
    const last = events[this.count - 1]?.at ?? 0;
    if (this.phase === "ended") return Math.max(last, ending?.at ?? 0);
    if (this.mode === "typewriter" || this.speed === 0) return last;
    const next = events[this.count]?.at ?? ending?.at ?? Number.POSITIVE_INFINITY;
    return Math.min(last + this.#credit / this.timeScale, next);
  }

  /** By how much the slider stretches time: 1 is real time, 2 half as fast. */
  get timeScale() {
    return this.speed / REAL_TIME;
  }

  /** Whether a stream that is playing has shown nothing new for a while. */
  get isIdle() {
    return this.#idle > IDLE_AFTER_MS * Math.max(1, this.timeScale);
  }

  /** Whether the stream arrives by itself, and has not ended. */
  get isArriving() {
    return this.#source?.now !== undefined && this.log.ending === null;
  }

  /** @param {Command} command */
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
      this.#playedTo = source.now ? 0 : null;
      this.failure = null;
      this.isBroken = false;
      this.isLoading = true;
      this.#rewind();
      this.#notify();
      try {
        await source.open(this.log);
      } catch (error) {
        this.#fail(error);
      } finally {
        this.isLoading = false;
      }
    });
  }

  /** Play, or resume; from the beginning where the stream had ended. */
  start() {
    return this.#command("start", (from) => {
      if (from === "ended") this.#rewind();
    });
  }

  pause() {
    return this.#command("pause", () => {});
  }

  /** Back to the beginning, not playing. */
  reset() {
    return this.#command("reset", () => this.#rewind());
  }

  /** Release one event with all its text, and pause. */
  step() {
    return this.#command("step", (from) => this.#jump(this.count + 1, from));
  }

  /**
   * Show the stream as it is after this many events.
   * @param {number} count
   */
  seek(count) {
    return this.#command("seek", (from) => this.#jump(count, from));
  }

  /** @param {Mode} mode */
  setMode(mode) {
    this.mode = mode;
    if (mode === "sent") this.#show(this.#typewriter.typeMany());
    this.#notify();
  }

  /** @param {number} speed milliseconds per character */
  setSpeed(speed) {
    // Half-way to the next move stays half-way, at the new pace.
    this.#credit *= this.speed === 0 ? 0 : speed / this.speed;
    this.speed = speed;
    this.#notify();
  }

  /**
   * @param {Command} command
   * @param {(from: Phase) => void} action
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
      .then(() => this.#notify());
    this.#queue = done;
    return done;
  }

  /**
   * Run code in which the page itself may fail: the player then reports it, in its status.
   * @param {() => void} action
   */
  attempt(action) {
    try {
      action();
    } catch (error) {
      this.#break(error);
      this.#notify();
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

  /** @param {Command} command */
  #next(command) {
    if (this.isArriving && !WHILE_ARRIVING.has(command)) return null;
    // A request whose response had no event cannot be replayed.
    const isEmpty = this.#source?.now !== undefined && this.total === 0;
    if (command === "start" && this.phase === "ended" && isEmpty) return null;
    return next(this.phase, command);
  }

  /** @param {Command} command */
  #enter(command) {
    const phase = this.#next(command);
    if (phase === null) return false;
    this.phase = phase;
    if (phase === "playing") {
      this.#requestFrame();
    } else {
      this.#frames.cancel(this.#frame);
      this.#frame = 0;
      this.#lastFrame = null;
    }
    return true;
  }

  #requestFrame() {
    if (this.#frame !== 0) return;
    this.#frame = this.#frames.request((now) => {
      this.#frame = 0;
      this.attempt(() => {
        this.#advance(this.#passed(now));
        if (this.phase === "playing") this.#requestFrame();
        this.#notify();
      });
    });
  }

  /**
   * @param {number} now
   * @returns {number} the milliseconds of the stream that this frame plays
   */
  #passed(now) {
    const passed = this.#lastFrame === null ? 0 : Math.max(0, now - this.#lastFrame);
    this.#lastFrame = now;
    // A stream that arrives has its own time, which continues while a tab is hidden.
    const playedTo = this.#playedTo;
    if (this.#source?.now && playedTo !== null) {
      this.#playedTo = this.log.ending === null ? this.#source.now() : null;
      return Math.max(0, (this.log.ending?.at ?? this.#source.now()) - playedTo);
    }
    return Math.min(passed, LONGEST_FRAME_MS);
  }

  /** @param {number} passed milliseconds */
  #advance(passed) {
    this.elapsed += passed;
    this.#credit += passed;
    this.#idle += passed;
    let events = EVENTS_PER_FRAME;
    let characters = CHARACTERS_PER_FRAME;
    while (events > 0 && characters > 0) {
      const mayType = this.#mayType();
      const isAtEnd = !mayType && this.count === this.log.events.length;
      // The end waits for text that cannot be typed yet.
      if (isAtEnd && this.#typewriter.pending > 0) return;
      // Text that is shown as sent waits only for a frame that has room for it.
      const typingTime = this.mode === "sent" ? 0 : this.speed;
      const wait = mayType ? typingTime : this.#waitBefore(this.count);
      if (wait === null || wait > this.#credit) return;
      this.#credit -= wait;
      if (isAtEnd) {
        this.#finish(-this.#credit);
        return;
      }
      const shown = mayType ? this.#type() : this.#release();
      if (!mayType) events -= 1;
      characters -= shown.length;
    }
    // The rest waits for the next frame, but unspent time does not accumulate.
    this.#credit = 0;
  }

  /** Whether the next move is to type. It is not while the next event can extend the last grapheme. */
  #mayType() {
    if (this.#typewriter.pending === 0) return false;
    if (this.mode === "sent" || !this.#typewriter.isLastGrapheme) return true;
    const following = this.log.events[this.count];
    if (following === undefined) return this.log.ending !== null;
    const isSameBlock = following.data?.index === this.log.events[this.count - 1]?.data?.index;
    return streamedText(following.data) === "" || !isSameBlock;
  }

  #type() {
    const isPaced = this.mode === "typewriter" && this.speed > 0;
    const text = isPaced
      ? this.#typewriter.type()
      : this.#typewriter.typeMany(CHARACTERS_PER_FRAME);
    this.#show(text);
    return text;
  }

  /** Release the next event. @returns {string} its text, if it is shown at once */
  #release() {
    const event = this.log.events[this.count];
    this.count += 1;
    this.#idle = 0;
    this.#typewriter.add(this.assembly.apply(event.data, event.name));
    return this.mode === "typewriter" ? "" : this.#type();
  }

  /** @param {string} text text of the last event's block, which now counts as shown */
  #show(text) {
    if (text === "") return;
    this.#idle = 0;
    const event = this.log.events[this.count - 1].data;
    if (isWritten(event)) this.characters += codePoints(text);
    if (event?.delta.type === "text_delta") this.firstWord ??= this.elapsed - this.#credit;
  }

  /**
   * Show the stream after this many events at once. The time that they would have taken is counted.
   * @param {number} count
   * @param {Phase} from
   */
  #jump(count, from) {
    const target = Math.max(0, Math.min(count, this.log.events.length));
    this.#show(this.#typewriter.typeMany());
    const wasOver = from === "ended" && target === this.count;
    if (target < this.count) this.#rewind();
    this.#credit = 0;
    while (this.count < target) {
      this.elapsed += this.#waitBefore(this.count) ?? 0;
      this.#release();
      const text = this.#typewriter.typeMany();
      this.#show(text);
      if (this.mode === "typewriter") this.elapsed += codePoints(text) * this.speed;
    }
    if (this.total !== this.count) return;
    this.#finish(wasOver ? 0 : (this.#waitBefore(this.count) ?? 0));
  }

  /**
   * The body can end long after the last event: a stream may fall silent before it is cut.
   * @param {number} index of an event, or of the end where there are no more events
   * @returns {number | null} milliseconds after the event before it; null while it is not received
   */
  #waitBefore(index) {
    const { events, ending } = this.log;
    const { at, data } = events[index] ?? { at: ending?.at, data: null };
    if (at === undefined) return null;
    const gap = at - (events[index - 1]?.at ?? 0);
    return waitBefore(this.mode, this.speed, gap, streamedText(data) !== "");
  }

  /** @param {number} rest milliseconds to the end that are not counted yet */
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

  /** A listener that fails does not keep the others from showing that the player failed. */
  #notify() {
    const before = this.phase;
    for (const listener of this.#listeners) {
      try {
        listener(this);
      } catch (error) {
        this.#break(error);
      }
    }
    if (before !== "failed" && this.phase === "failed") this.#notify();
  }
}
