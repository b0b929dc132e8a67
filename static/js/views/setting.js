/** The simulator's form: a scenario, and one fault or several with their parameters. */

import { element, part } from "./dom.js";

/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

export class SettingView {
  #form;
  #scenario;
  #rows;
  #add;
  #constants;
  #onChange;
  #made = 0;

  /**
   * @param {HTMLFormElement} form as the server filled it
   * @param {Pick<import("../simulator/request.js").Constants, "none" | "mostFaults">} constants
   * @param {() => void} onChange
   */
  constructor(form, constants, onChange) {
    this.#form = form;
    this.#constants = constants;
    this.#scenario = /** @type {HTMLSelectElement} */ (part(form, "scenario"));
    this.#rows = part(form, "faults");
    this.#add = /** @type {HTMLButtonElement} */ (part(form, "add"));
    this.#onChange = onChange;
    this.#made = this.#rows.children.length;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => this.#onInput(event));
    form.addEventListener("click", (event) => this.#onClick(event));
    this.#update();
  }

  get scenario() {
    return this.#scenario.value;
  }

  /** The faults as a base URL spells them; "" for none. */
  get fault() {
    return this.#faults
      .map((row) => this.#textOf(row))
      .filter(Boolean)
      .join("+");
  }

  /** Whether every value is one that its parameter takes. */
  get isValid() {
    return controlsOf(this.#form).every((control) => control.validity.valid);
  }

  /** Let the browser say what is wrong. @returns {boolean} whether all is right */
  report() {
    return this.#form.reportValidity();
  }

  get #faults() {
    return /** @type {HTMLElement[]} */ ([...this.#rows.children]);
  }

  /** @param {Event} event */
  #onInput({ target }) {
    if (!(target instanceof HTMLElement)) return;
    const row = /** @type {HTMLElement | null} */ (target.closest('[data-part="fault"]'));
    if (row && target === nameOf(row)) this.#explain(row);
    this.#update();
    this.#onChange();
  }

  /** @param {Event} event */
  #onClick({ target }) {
    if (!(target instanceof HTMLElement)) return;
    if (target === this.#add) this.#addRow();
    else if (target.dataset.part === "remove") {
      target.closest('[data-part="fault"]')?.remove();
      nameOf(this.#faults[this.#faults.length - 1]).focus();
    } else return;
    this.#update();
    this.#onChange();
  }

  #addRow() {
    const row = /** @type {HTMLElement} */ (this.#faults[0].cloneNode(true));
    this.#made += 1;
    nameOf(row).value = this.#constants.none;
    part(row, "remove").hidden = false;
    this.#explain(row, this.#made);
    this.#rows.append(row);
    nameOf(row).focus();
  }

  /**
   * Show the help and the parameters of the fault that a row has now.
   * @param {HTMLElement} row
   */
  #explain(row, number = this.#faults.indexOf(row) + 1) {
    const about = part(row, "fault-about");
    const name = nameOf(row).value;
    const template = document.querySelector(`template[data-fault="${CSS.escape(name)}"]`);
    if (!(template instanceof HTMLTemplateElement)) return;
    about.replaceChildren(template.content.cloneNode(true));
    // The template's ids are there once a fault, and so would be doubled by two rows.
    for (const attribute of ["id", "for", "aria-describedby"]) {
      for (const node of about.querySelectorAll(`[${attribute}]`)) {
        const id = node.getAttribute(attribute)?.replace(/^row-/, `fault-${number}-`);
        node.setAttribute(attribute, id ?? "");
      }
    }
  }

  #update() {
    const chosen = this.#scenario.selectedOptions[0];
    const help = part(this.#form, "scenario-help");
    if (help.textContent !== chosen.dataset.help) help.textContent = chosen.dataset.help ?? "";
    for (const [index, row] of this.#faults.entries()) {
      row.querySelector("legend")?.replaceChildren(`Fault ${index + 1}`);
    }
    for (const control of controlsOf(this.#form)) showValidity(control);
    const { none, mostFaults } = this.#constants;
    const isOpen = this.#faults.some((row) => nameOf(row).value === none);
    this.#add.hidden = isOpen || this.#faults.length >= mostFaults;
  }

  /** @param {HTMLElement} row */
  #textOf(row) {
    const name = nameOf(row).value;
    if (name === this.#constants.none) return "";
    const given = controlsOf(row).filter((control) => givenIn(control) !== control.dataset.default);
    const values = given.map((control) => [control.name, givenIn(control)]).filter(([, v]) => v);
    return [name, ...values.map((pair) => pair.join("="))].join(";");
  }
}

/** @param {HTMLElement} row */
function nameOf(row) {
  return /** @type {HTMLSelectElement} */ (part(row, "fault-name"));
}

/**
 * @param {HTMLElement} root
 * @returns {Control[]} the parameters' controls
 */
function controlsOf(root) {
  return [...root.querySelectorAll(".parameter :is(input, select)")].map(
    (node) => /** @type {Control} */ (node),
  );
}

/** @param {Control} control */
function givenIn(control) {
  if (control.type !== "number" || control.value === "") return control.value;
  return String(Number(control.value));
}

/**
 * Say below the field what it takes, while it holds something else.
 * @param {Control} control
 */
function showValidity(control) {
  const isWrong = !control.validity.valid;
  if (isWrong === (control.getAttribute("aria-invalid") === "true")) return;
  control.setAttribute("aria-invalid", String(isWrong));
  const help = document.getElementById(control.getAttribute("aria-describedby") ?? "");
  help?.querySelector(".parameter-problem")?.remove();
  if (!isWrong || !(control instanceof HTMLInputElement)) return;
  const kind = control.step === "1" ? "a whole number" : "a number";
  const text = `It takes ${kind} from ${control.min} to ${control.max}. `;
  help?.prepend(element("strong", "parameter-problem", text));
}
