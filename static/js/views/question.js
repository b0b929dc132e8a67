/** The form that asks Claude: a prompt, a model, and what is to be streamed of its thinking. */

import { optionalPart, part } from "./dom.js";

/**
 * @typedef {object} LiveModel what the page knows of a model
 * @property {string} title
 * @property {"own" | "asked" | "none"} thinking by itself, if asked to, or not without a budget
 * @property {boolean} prefill
 * @property {number} charactersPerToken
 * @property {number} maxOutput
 * @property {import("../live/cost.js").Price} price
 */

/** @typedef {import("../live/request.js").Question} Question */

const THINKING_HELP = {
  own: "What of it is streamed. It counts as output either way.",
  asked: "This model thinks only if asked to.",
  none: "This model thinks only with a budget, which is not asked for here.",
};

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
   * @param {() => void} onAsk told when everything is filled in
   */
  constructor(form, onAsk) {
    this.#form = form;
    this.models = JSON.parse(form.dataset.models ?? "{}");
    this.#prompt = /** @type {HTMLTextAreaElement} */ (part(form, "question"));
    this.#model = /** @type {HTMLSelectElement} */ (part(form, "model"));
    this.#maxTokens = /** @type {HTMLInputElement} */ (part(form, "max-tokens"));
    this.#thinking = /** @type {HTMLSelectElement} */ (part(form, "thinking"));
    this.#code = /** @type {HTMLInputElement | null} */ (optionalPart(form, "code"));
    this.#ask = /** @type {HTMLButtonElement} */ (part(form, "ask"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      onAsk();
    });
    this.#prompt.addEventListener("keydown", (event) => this.#onKey(event));
    this.#model.addEventListener("input", () => this.#explainModel());
    this.#explainModel();
    this.canAsk = true;
  }

  /** @returns {Question} */
  get question() {
    return {
      model: this.#model.value,
      prompt: this.#prompt.value,
      maxTokens: this.#maxTokens.valueAsNumber,
      display: this.#thinking.disabled ? "" : this.#thinking.value,
    };
  }

  /** The access code, which is kept nowhere else. */
  get code() {
    return this.#code?.value ?? "";
  }

  /** Whether it can be asked: not while a stream comes. @param {boolean} canAsk */
  set canAsk(canAsk) {
    this.#ask.disabled = !canAsk;
  }

  /** The access code was not right. */
  enterCode() {
    this.#code?.focus();
    this.#code?.select();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || this.#ask.disabled) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #explainModel() {
    const { thinking, maxOutput } = this.models[this.#model.value];
    part(this.#form, "model-help").textContent = this.#model.selectedOptions[0].dataset.help ?? "";
    part(this.#form, "thinking-help").textContent = THINKING_HELP[thinking];
    const most = Math.min(Number(this.#maxTokens.dataset.most), maxOutput);
    this.#maxTokens.max = String(most);
    part(this.#form, "most-tokens").textContent = most.toLocaleString("en");
    const off = this.#thinking.options[this.#thinking.options.length - 1];
    off.hidden = off.disabled = thinking === "own";
    this.#thinking.disabled = thinking === "none";
    // Whoever chose to see thinking, or not, chose it for any model that thinks.
    if (off.disabled && this.#thinking.value === "") this.#thinking.selectedIndex = 0;
  }
}
