/** The form for an answer of the user's own. */

import { answersOf, putAnswers } from "../simulator/answer.js";
import { part, setText } from "./dom.js";
import { saveFile } from "./save.js";

export class OwnAnswerView {
  #form;
  #status;
  #forget;
  #key;

  /**
   * @param {HTMLFormElement} form
   * @param {() => Promise<string>} key gives the page's key
   * @param {() => void} play called when the simulator has the answer
   */
  constructor(form, key, play) {
    this.#form = form;
    this.#key = key;
    this.#status = part(form, "own-status");
    this.#forget = /** @type {HTMLButtonElement} */ (part(form, "own-forget"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#try(async () => {
        await putAnswers(await key(), this.#answers());
        this.#forget.disabled = false;
        play();
        return "Requests with this page’s key get this answer.";
      });
    });
    this.#forget.addEventListener("click", () => this.#try(() => this.#stop()));
    part(form, "own-save").addEventListener("click", () => this.#try(() => this.#save()));
  }

  #answers() {
    /** @type {Record<string, string>} */
    const values = {};
    for (const [name, value] of new FormData(this.#form)) values[name] = String(value);
    return answersOf(values);
  }

  async #save() {
    const text = `${JSON.stringify(this.#answers(), null, 2)}\n`;
    saveFile("my-answer.json", [text], "application/json");
    return "Saved. SCENARIOS=FOLDER plays the file as /simulator/my-answer.";
  }

  async #stop() {
    await putAnswers(await this.#key(), null);
    this.#forget.disabled = true;
    return "Requests with this page’s key are answered as any others.";
  }

  /** @param {() => Promise<string>} action returns what it did, in words */
  async #try(action) {
    let words;
    try {
      words = await action();
    } catch (error) {
      words = error instanceof Error ? error.message : String(error);
    }
    setText(this.#status, words);
  }
}
