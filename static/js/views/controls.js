/** The player's buttons and sliders: commands out, states in. */

import { optionalPart, setText } from "./dom.js";

/** @typedef {import("../player/player.js").Player} Player */

const START_LABELS = /** @type {Record<string, string>} */ ({
  playing: "Pause",
  paused: "Resume",
  ended: "Play again",
});

export class ControlsView {
  #start;
  #step;
  #reset;
  #position;
  #positionValue;
  #speed;
  #speedValue;
  #modes;

  /**
   * @param {HTMLElement} root
   * @param {Player} player
   */
  constructor(root, player) {
    this.#start = button(root, "start");
    this.#step = button(root, "step");
    this.#reset = button(root, "reset");
    this.#position = /** @type {HTMLInputElement | null} */ (optionalPart(root, "position"));
    this.#positionValue = optionalPart(root, "position-value");
    this.#speed = /** @type {HTMLInputElement | null} */ (optionalPart(root, "speed"));
    this.#speedValue = optionalPart(root, "speed-value");
    this.#modes = /** @type {NodeListOf<HTMLInputElement>} */ (
      root.querySelectorAll('input[name="mode"]')
    );
    this.#start?.addEventListener("click", () =>
      player.phase === "playing" ? player.pause() : player.start(),
    );
    this.#step?.addEventListener("click", () => player.step());
    this.#reset?.addEventListener("click", () => player.reset());
    this.#speed?.addEventListener("input", (event) =>
      player.setSpeed(/** @type {HTMLInputElement} */ (event.target).valueAsNumber),
    );
    this.#position?.addEventListener("input", (event) =>
      player.seek(/** @type {HTMLInputElement} */ (event.target).valueAsNumber),
    );
    for (const radio of this.#modes) {
      radio.addEventListener("change", () =>
        player.setMode(/** @type {import("../player/pace.js").Mode} */ (radio.value)),
      );
    }
  }

  /** @param {Player} player */
  render(player) {
    const isPlaying = player.phase === "playing";
    if (this.#start) {
      const label = startLabel(this.#start, player);
      setText(this.#start, label);
      this.#start.disabled = !player.can(isPlaying ? "pause" : "start");
    }
    if (this.#step) this.#step.disabled = !player.can("step");
    if (this.#reset) this.#reset.disabled = !player.can("reset");
    this.#renderSpeed(player);
    this.#renderPosition(player);
    for (const radio of this.#modes) {
      radio.checked = radio.value === player.mode;
      radio.disabled = false;
    }
  }

  /** @param {Player} player */
  #renderSpeed({ speed, mode, timeScale }) {
    if (!this.#speed || !this.#speedValue) return;
    this.#speed.disabled = false;
    this.#speed.valueAsNumber = speed;
    const text = speedText(speed, mode, timeScale);
    if (this.#speedValue.textContent === text) return;
    this.#speedValue.textContent = text;
    this.#speed.setAttribute("aria-valuetext", text);
  }

  /** @param {Player} player */
  #renderPosition({ count, total, isArriving }) {
    if (!this.#position || !this.#positionValue) return;
    const known = total ?? count;
    this.#position.disabled = known === 0 || isArriving;
    this.#position.max = String(known);
    this.#position.valueAsNumber = count;
    const text = isArriving ? `${count} events so far` : `${count} of ${known} events`;
    if (this.#positionValue.textContent === text) return;
    this.#positionValue.textContent = text;
    this.#position.setAttribute("aria-valuetext", text);
  }
}

/**
 * A page may have words of its own for a phase, such as `data-ended`.
 * @param {HTMLElement} button
 * @param {Player} player
 */
function startLabel({ dataset }, { phase, isArriving }) {
  const shown = isArriving ? "ready" : phase;
  return dataset[shown] ?? START_LABELS[shown] ?? "Start";
}

/**
 * @param {number} speed
 * @param {import("../player/pace.js").Mode} mode
 * @param {number} timeScale 1 for real time
 */
function speedText(speed, mode, timeScale) {
  if (speed === 0) return "0 ms: at once";
  if (mode === "typewriter") return `${speed} ms a character`;
  if (timeScale === 1) return `${speed} ms: real time`;
  const times = timeScale > 1 ? timeScale : 1 / timeScale;
  return `${speed} ms: ${times.toFixed(1)}× ${timeScale > 1 ? "slower" : "faster"}`;
}

/**
 * @param {HTMLElement} root
 * @param {string} name
 */
function button(root, name) {
  return /** @type {HTMLButtonElement | null} */ (optionalPart(root, name));
}
