/** What can be done with an answer: stop it, try again, continue it, or watch a scenario instead. */

import { part } from "./dom.js";

export class ActionsView {
  #answer;
  #stop;
  #again;
  #continue;
  #recorded;

  /**
   * @param {HTMLElement} root
   * @param {Record<"stop" | "again" | "continue", () => void>} commands
   */
  constructor(root, commands) {
    this.#answer = part(root, "answer");
    this.#stop = /** @type {HTMLButtonElement} */ (part(root, "stop"));
    this.#again = part(root, "again");
    this.#continue = part(root, "continue");
    this.#recorded = part(root, "recorded");
    for (const name of /** @type {const} */ (["stop", "again", "continue"])) {
      part(root, name).addEventListener("click", commands[name]);
    }
  }

  /** A request was sent: until its stream has ended, it can only be stopped. */
  wait() {
    this.#stop.disabled = false;
    // The button that was pressed is hidden or disabled now.
    this.#stop.focus({ preventScroll: true });
    for (const action of [this.#again, this.#continue, this.#recorded]) action.hidden = true;
  }

  /**
   * @param {Omit<import("../live/next-steps.js").NextSteps, "text" | "finding" | "advice">} steps
   * @returns {boolean} whether the Stop button had the focus
   */
  show({ canRetry, canContinue, cannotAnswer }) {
    this.#again.hidden = !canRetry;
    this.#continue.hidden = !canContinue;
    this.#recorded.hidden = !cannotAnswer;
    const offered = [this.#continue, this.#again].find((action) => !action.hidden);
    const hadFocus = document.activeElement === this.#stop;
    if (hadFocus) (offered ?? this.#answer).focus({ preventScroll: true });
    this.#stop.disabled = true;
    return hadFocus;
  }
}
