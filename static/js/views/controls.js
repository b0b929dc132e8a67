/** The player's buttons and sliders: they send its commands and show its state. */

import { optionalPart, setText } from "./dom.js";

/** @typedef {import("../player/player.js").Player} Player */
/** @typedef {import("../player/pace.js").Mode} Mode */

const START_LABELS = /** @type {Record<string, string>} */ ({
  playing: "Pause",
  paused: "Resume",
  ended: "Play again",
});
// Controls that use the space bar, or type with it.
const TAKES_SPACE = "button, input, select, textarea, summary, [role=listbox]";
const IS_FIELD = "input, select, textarea";

export class ControlsView {
  #start;
  #step;
  #reset;
  #speed;
  #speedValue;
  #modes;

  /**
   * @param {HTMLElement} root has a part for each control that the page offers
   * @param {Player} player
   * @param {{onStart: () => void, onStep: () => void}} told called when the visitor starts the
   *   stream from its beginning, and when a step has been made
   */
  constructor(root, player, { onStart, onStep }) {
    const button = (/** @type {string} */ name) =>
      /** @type {HTMLButtonElement | null} */ (optionalPart(root, name));
    const slider = (/** @type {string} */ name) =>
      /** @type {HTMLInputElement | null} */ (optionalPart(root, name));
    this.#start = button("start");
    this.#step = button("step");
    this.#reset = button("reset");
    this.#speed = slider("speed");
    this.#speedValue = optionalPart(root, "speed-value");
    this.#modes = /** @type {NodeListOf<HTMLInputElement>} */ (
      root.querySelectorAll('input[name="mode"]')
    );
    this.#start?.addEventListener("click", () => {
      if (player.phase === "playing") player.pause();
      else {
        if (player.phase !== "paused") onStart();
        player.start();
      }
    });
    this.#step?.addEventListener("click", async () => {
      await player.step();
      onStep();
    });
    this.#reset?.addEventListener("click", () => player.reset());
    this.#speed?.addEventListener("input", (event) =>
      player.setSpeed(/** @type {HTMLInputElement} */ (event.target).valueAsNumber),
    );
    for (const radio of this.#modes) {
      radio.addEventListener("change", () => player.setMode(/** @type {Mode} */ (radio.value)));
    }
    root.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, target } = event;
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!(target instanceof Element) || target.matches(key === " " ? TAKES_SPACE : IS_FIELD))
      return;
    const button = { " ": this.#start, ".": this.#step, Home: this.#reset }[key];
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  /** @param {Player} player */
  render(player) {
    const { phase, mode, isArriving } = player;
    if (this.#start) {
      const shown = isArriving ? "ready" : phase;
      // A page may have words of its own for a phase, such as `data-ended`.
      setText(this.#start, this.#start.dataset[shown] ?? START_LABELS[shown] ?? "Start");
      this.#start.disabled = !player.can(phase === "playing" ? "pause" : "start");
    }
    if (this.#step) this.#step.disabled = !player.can("step");
    if (this.#reset) this.#reset.disabled = !player.can("reset");
    if (this.#speed) {
      this.#speed.disabled = false;
      setSlider(this.#speed, this.#speedValue, player.speed, speedText(player));
    }
    for (const radio of this.#modes) {
      radio.checked = radio.value === mode;
      radio.disabled = false;
    }
  }
}

/**
 * @param {HTMLInputElement} slider
 * @param {HTMLElement | null} label
 * @param {number} value
 * @param {string} text the value in words
 */
function setSlider(slider, label, value, text) {
  slider.valueAsNumber = value;
  if (label === null || label.textContent === text) return;
  label.textContent = text;
  slider.setAttribute("aria-valuetext", text);
}

/** @param {Player} player */
function speedText({ speed, mode, timeScale }) {
  if (speed === 0) return "0 ms: at once";
  if (mode === "typewriter") return `${speed} ms a character`;
  if (timeScale === 1) return `${speed} ms: real time`;
  const times = timeScale > 1 ? timeScale : 1 / timeScale;
  return `${speed} ms: ${times.toFixed(1)}× ${timeScale > 1 ? "slower" : "faster"}`;
}
