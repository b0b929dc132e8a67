/** The same answer without streaming: nothing, then one JSON object. */

import { jsonOf } from "../protocol/read.js";
import { element, part, setText, shortened } from "./dom.js";
import { seconds } from "./stats.js";

export class NonStreamingView {
  #body;
  #firstWord;
  #state = "";

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#body = part(root, "whole-body");
    this.#firstWord = part(root, "whole-first-word");
  }

  /** @param {import("../player/player.js").Player} player */
  render(player) {
    const { phase, assembly, elapsed } = player;
    const isOver = phase === "ended";
    setText(this.#firstWord, seconds(isOver ? elapsed : null));
    if (!isOver) {
      const text =
        phase === "ready"
          ? "The request has not been sent."
          : `No byte yet, after ${seconds(elapsed)}.`;
      this.#show(text, () => element("p", "detail-hint", text));
    } else if (assembly.isStopped) {
      this.#show(`message ${player.generation}`, () => answer(assembly.message));
    } else {
      const text = "An error in place of the answer, and no text at all.";
      this.#show(text, () => element("p", "detail-hint", text));
    }
  }

  /**
   * @param {string} state
   * @param {() => HTMLElement} make
   */
  #show(state, make) {
    if (this.#state === state) return;
    this.#state = state;
    this.#body.replaceChildren(make());
  }
}

/** @param {unknown} message */
function answer(message) {
  return element("pre", "", shortened(jsonOf(message, 2)));
}
