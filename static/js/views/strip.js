/**
 * The wire strip: the stream as ticks on a line of time, with its silences and its cut. What has
 * been played is in full colour. The strip is also the slider of the position.
 */

import { COLUMN, FAMILIES, growingSpan, HEIGHT, Strip, tickOf } from "../stream/strip.js";
import { element, part, setText, svgElement } from "./dom.js";

/** @typedef {import("../player/player.js").Player} Player */

// At the right there is room for the cross of a stream that is cut at its end.
const CROSS = 12;
// Narrower silences have no label, and marks do not stand below the position in words.
const LABEL_WIDTH = 90;
const VALUE_WIDTH = 170;
// The most events read per frame, of a stream that is loaded at once.
const EVENTS_PER_FRAME = 10_000;

export class StripView {
  #root;
  #table;
  #seek;
  #slider;
  #value;
  #labels = element("div", "strip-labels");
  #picture = svgElement("svg", "ticks");
  /** Covers what is not played yet. */
  #cover = svgElement("rect", "strip-cover");
  #head = svgElement("rect", "strip-head");
  /** @type {Map<string, SVGElement>} the paths by their class */
  #paths;
  #width = 0;
  #strip = new Strip();
  /** @type {Player["log"] | null} whose events the strip has */
  #log = null;
  /** @type {Player | null} */
  #player = null;
  /** What the picture depends on, as it was drawn last. */
  #drawn = "";

  /**
   * @param {HTMLElement} root the strip, with a slider
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {(count: number) => void} seek
   */
  constructor(root, table, seek) {
    this.#root = root;
    this.#table = table;
    this.#seek = seek;
    this.#slider = /** @type {HTMLInputElement} */ (part(root, "position"));
    this.#value = part(root, "position-value");
    const names = ["silence", ...FAMILIES.map((name) => `family-${name}`), "cut family-error"];
    this.#paths = new Map(names.map((name) => [name, svgElement("path", name)]));
    this.#picture.setAttribute("preserveAspectRatio", "none");
    this.#head.setAttribute("width", "2");
    for (const rect of [this.#cover, this.#head]) rect.setAttribute("height", String(HEIGHT));
    this.#picture.append(...this.#paths.values(), this.#cover, this.#head);
    for (const node of [this.#picture, this.#labels]) node.setAttribute("aria-hidden", "true");
    root.prepend(this.#picture, this.#labels);
    this.#slider.addEventListener("input", () => seek(this.#slider.valueAsNumber));
    this.#slider.addEventListener("keydown", (event) => this.#onKey(event));
    root.addEventListener("pointerdown", (event) => this.#onPointer(event));
    root.addEventListener("pointermove", (event) => {
      if (root.hasPointerCapture(event.pointerId)) this.#seekTo(event.clientX);
    });
    new ResizeObserver(() => {
      this.#width = COLUMN * Math.floor((root.clientWidth - CROSS) / COLUMN);
      if (this.#player) this.render(this.#player);
    }).observe(root);
  }

  /** @param {Player} player */
  render(player) {
    this.#player = player;
    const { log, isArriving } = player;
    if (this.#log !== log) {
      this.#log = log;
      this.#strip = new Strip();
      this.#drawn = "";
    }
    const strip = this.#strip;
    this.#read(log);
    strip.end = Math.max(
      log.ending?.at ?? (isArriving ? player.at : 0),
      strip.ticks.at(-1)?.at ?? 0,
    );
    strip.span = isArriving ? growingSpan(strip.end) : strip.end;
    if (this.#width > 0) {
      this.#draw();
      this.#coverRest(player);
    }
    this.#setSlider(player);
  }

  /**
   * Read the events that are new.
   * @param {Player["log"]} log
   */
  #read({ events, ending, head, isStream }) {
    const { ticks } = this.#strip;
    const last = Math.min(events.length, ticks.length + EVENTS_PER_FRAME);
    for (let index = ticks.length; index < last; index += 1) {
      ticks.push(tickOf(this.#table, events[index]));
    }
    if (last < events.length)
      requestAnimationFrame(() => this.#player && this.render(this.#player));
    // A response that is no stream is one tick.
    if (ending && head && !isStream && ticks.length === 0) {
      ticks.push({ at: ending.at, family: head.status >= 400 ? "error" : "ping", size: 0 });
    }
  }

  #draw() {
    const strip = this.#strip;
    const width = this.#width;
    const isCut = typeof this.#log?.ending?.problem === "string";
    // A silence that still lasts is drawn ten times per second.
    const lasting = Math.floor((strip.end - (strip.ticks.at(-1)?.at ?? 0)) / 100);
    const state = [strip.ticks.length, strip.span, width, lasting, isCut].join();
    if (state === this.#drawn) return;
    this.#drawn = state;
    const silences = strip.silences(width);
    this.#picture.setAttribute("viewBox", `0 0 ${width + CROSS} ${HEIGHT}`);
    this.#setPath("silence", silences.map(([left, right]) => `M${left} 33H${right}`).join(""));
    for (const [family, columns] of Object.entries(strip.columns(width))) {
      const bars = columns.map(
        ([column, height]) => `M${COLUMN * column + 1} ${HEIGHT}v-${height}`,
      );
      this.#setPath(`family-${family}`, bars.join(""));
    }
    const left = COLUMN * (strip.column(strip.end, width) + 1) + 1;
    this.#setPath("cut family-error", isCut ? `M${left} 14l9 9m0-9l-9 9` : "");
    const marks = strip.marks(width).filter(({ x }) => x < width - VALUE_WIDTH);
    this.#labels.replaceChildren(
      ...marks.map(({ x, label }) => labelAt(x, "strip-mark", label)),
      ...silences
        .filter(([left, right]) => right - left >= LABEL_WIDTH)
        .map(([left, right, ms]) =>
          labelAt((left + right) / 2, "strip-silence", `${(ms / 1000).toFixed(1)} s silence`),
        ),
    );
  }

  /**
   * @param {string} name
   * @param {string} path
   */
  #setPath(name, path) {
    this.#paths.get(name)?.setAttribute("d", path);
  }

  /** @param {Player} player */
  #coverRest({ phase, count, at }) {
    const strip = this.#strip;
    const last = strip.ticks[count - 1];
    const column = last ? strip.column(last.at, this.#width, count - 1) + 1 : 0;
    const passed = strip.span ? (at * this.#width) / strip.span : 0;
    const whole = this.#width + CROSS;
    const played = phase === "ended" ? whole : Math.max(COLUMN * column, passed);
    this.#cover.setAttribute("x", String(played));
    this.#cover.setAttribute("width", String(Math.max(0, whole - played)));
    this.#head.setAttribute("x", String(Math.max(0, played - 1)));
  }

  /** @param {Player} player */
  #setSlider({ log, total, count, isArriving }) {
    const known = total ?? count;
    this.#slider.disabled = known === 0 || isArriving;
    this.#slider.max = String(known);
    this.#slider.valueAsNumber = count;
    const time = `${((log.events[count - 1]?.at ?? 0) / 1000).toFixed(2)} s`;
    const place = isArriving ? `${count} events so far` : `event ${count} of ${known}`;
    const text = known === 0 && !isArriving ? "" : `${place}, ${time}`;
    if (this.#value.textContent === text) return;
    setText(this.#value, text);
    this.#slider.setAttribute("aria-valuetext", text);
  }

  /** @param {PointerEvent} event */
  #onPointer(event) {
    if (this.#slider.disabled || event.button !== 0) return;
    event.preventDefault();
    this.#slider.focus({ preventScroll: true });
    this.#root.setPointerCapture(event.pointerId);
    this.#seekTo(event.clientX);
  }

  /** @param {number} x in the window */
  #seekTo(x) {
    this.#seek(this.#strip.countAt(x - this.#picture.getBoundingClientRect().left, this.#width));
  }

  /**
   * Page Up and Page Down go to the next block and to the one before. All other keys are the
   * slider's own.
   * @param {KeyboardEvent} event
   */
  #onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const count = this.#slider.valueAsNumber;
    const events = this.#log?.events ?? [];
    const isStart = (/** @type {typeof events[number]} */ one) =>
      one.name === "content_block_start";
    if (event.key === "PageUp") {
      const next = events.findIndex((one, index) => index >= count && isStart(one));
      this.#seek(next < 0 ? events.length : next + 1);
    } else if (event.key === "PageDown") {
      this.#seek(events.slice(0, Math.max(0, count - 1)).findLastIndex(isStart) + 1);
    } else return;
    event.preventDefault();
  }
}

/**
 * @param {number} x
 * @param {string} className
 * @param {string} text
 */
function labelAt(x, className, text) {
  const label = element("span", className, text);
  label.style.left = `${x}px`;
  return label;
}
