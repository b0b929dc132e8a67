/** How an answer ended, in words, and what can be done: stop it, try again, go on from there. */

import { part } from "./dom.js";
import { NoticedView } from "./noticed.js";

/** @typedef {import("../live/next-steps.js").NextSteps} NextSteps */
/** @typedef {import("../stream/ending.js").Finding} Finding */

/** @typedef {Record<"stop" | "again" | "continue", () => void>} Commands */

export class EndingView {
  #noticed;
  #answer;
  #stop;
  #again;
  #goOn;
  #recorded;

  /**
   * @param {HTMLElement} root
   * @param {Commands} commands
   */
  constructor(root, commands) {
    this.#noticed = new NoticedView(part(root, "noticed"));
    this.#answer = part(root, "answer");
    this.#stop = /** @type {HTMLButtonElement} */ (part(root, "stop"));
    this.#again = part(root, "again");
    this.#goOn = part(root, "continue");
    this.#recorded = part(root, "recorded");
    for (const name of /** @type {const} */ (["stop", "again", "continue"])) {
      part(root, name).addEventListener("click", commands[name]);
    }
  }

  /** Something was asked for: until it has ended it can only be stopped. */
  wait() {
    this.#stop.hidden = false;
    this.#stop.disabled = false;
    // What was pressed to get here is gone or disabled; the text comes above this button.
    this.#stop.closest(".pane")?.scrollIntoView({ block: "nearest" });
    this.#stop.focus({ preventScroll: true });
    for (const action of [this.#again, this.#goOn, this.#recorded]) action.hidden = true;
  }

  /**
   * While the stream comes.
   * @param {import("../player/reel.js").Reel} reel
   */
  follow(reel) {
    this.#noticed.render(reel, [], "");
  }

  /**
   * @param {import("../player/reel.js").Reel} reel
   * @param {Finding[]} found
   * @param {NextSteps} steps
   * @returns {boolean} whether somebody sat on the button that is no more
   */
  show(reel, found, steps) {
    this.#noticed.render(reel, found, steps.advice);
    this.#again.hidden = !steps.canRetry;
    this.#goOn.hidden = !steps.canContinue;
    this.#recorded.hidden = !steps.cannotAnswer;
    const offered = [this.#goOn, this.#again].find((action) => !action.hidden);
    const hadFocus = document.activeElement === this.#stop;
    if (hadFocus) (offered ?? this.#answer).focus({ preventScroll: true });
    this.#stop.disabled = true;
    this.#stop.hidden = offered !== undefined;
    return hadFocus;
  }
}
