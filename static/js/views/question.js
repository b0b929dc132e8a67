/** The form that asks Claude: a prompt, a model, and which thinking is streamed. */

import { optionalPart, part } from "./dom.js";

/**
 * @typedef {object} LiveModel what the page knows of a model
 * @property {"own" | "asked" | "none"} thinking by itself, if asked to, or not without a budget
 * @property {string} thinkingHelp
 * @property {boolean} prefill
 * @property {number} charactersPerToken
 * @property {number} maxOutput
 * @property {import("../live/cost.js").Price} price
 */

export class QuestionView {
  /** @type {Record<string, LiveModel>} */
  models;

  #form;
  #prompt;
  #model;
  #maxTokens;
  #thinking;
  #code;
  #ask;

  /**
   * @param {HTMLFormElement} form as the server filled it
   * @param {() => void} onAsk called when the form is complete and submitted
   */
  constructor(form, onAsk) {
    this.#form = form;
    this.models = JSON.parse(form.dataset.models ?? "{}");
    this.#prompt = /** @type {HTMLTextAreaElement} */ (part(form, "question"));
    this.#model = /** @type {HTMLSelectElement} */ (part(form, "model"));
    this.#maxTokens = /** @type {HTMLInputElement} */ (part(form, "max-tokens"));
    this.#thinking = /** @type {HTMLSelectElement} */ (part(form, "thinking"));
    this.#code = /** @type {HTMLInputElement | null} */ (optionalPart(form, "code"));
    // It stands with the buttons of the stream.
    this.#ask = /** @type {HTMLButtonElement} */ (part(document, "ask"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      onAsk();
    });
    this.#prompt.addEventListener("keydown", (event) => {
      const isSubmit = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (!isSubmit || this.#ask.disabled) return;
      event.preventDefault();
      form.requestSubmit();
    });
    this.#model.addEventListener("input", () => this.#explainModel());
    this.#explainModel();
    this.canAsk = true;
  }

  /** @returns {import("../live/request.js").Question} */
  get question() {
    return {
      model: this.#model.value,
      prompt: this.#prompt.value,
      maxTokens: this.#maxTokens.valueAsNumber,
      display: this.#thinking.disabled ? "" : this.#thinking.value,
    };
  }

  /** The access code, which no other part of the page stores. */
  get code() {
    return this.#code?.value ?? "";
  }

  /** Whether the form can be submitted: not while a stream is in flight. @param {boolean} canAsk */
  set canAsk(canAsk) {
    this.#ask.disabled = !canAsk;
  }

  /** The access code was refused: let the visitor enter it again. */
  enterCode() {
    this.#code?.focus();
    this.#code?.select();
  }

  #explainModel() {
    const { thinking, thinkingHelp, maxOutput } = this.models[this.#model.value];
    part(this.#form, "model-help").textContent = this.#model.selectedOptions[0].dataset.help ?? "";
    part(this.#form, "thinking-help").textContent = thinkingHelp;
    const most = Math.min(Number(this.#maxTokens.dataset.most), maxOutput);
    this.#maxTokens.max = String(most);
    part(this.#form, "most-tokens").textContent = most.toLocaleString("en");
    const off = this.#thinking.options[this.#thinking.options.length - 1];
    off.hidden = off.disabled = thinking === "own";
    this.#thinking.disabled = thinking === "none";
    // The choice is kept for every model, unless the model always thinks.
    if (off.disabled && this.#thinking.value === "") this.#thinking.selectedIndex = 0;
  }
}
