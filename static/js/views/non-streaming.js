/** The response to the same request without streaming: nothing, then one JSON object. */

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
  render({ phase, assembly, elapsed, generation }) {
    const isOver = phase === "ended";
    const isWhole = isOver && assembly.isStopped;
    setText(this.#firstWord, seconds(isOver ? elapsed : null));
    let hint = `No byte yet, after ${seconds(elapsed)}.`;
    if (phase === "ready") hint = "The request has not been sent.";
    if (isOver) hint = "An error instead of the answer, and no text at all.";
    const state = isWhole ? `message ${generation}` : hint;
    if (this.#state === state) return;
    this.#state = state;
    this.#body.replaceChildren(
      isWhole
        ? element("pre", "", shortened(jsonOf(assembly.message, 2)))
        : element("p", "detail-hint", hint),
    );
  }
}
