/** The simulator's form: a scenario, and one fault or several with their parameters. */

import { element, part, setText } from "./dom.js";

/** @typedef {HTMLInputElement | HTMLSelectElement} Control */

export class SettingView {
  #form;
  #scenario;
  #rows;
  #add;
  #constants;
  #onChange;
  #made;

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
    form.addEventListener("input", ({ target }) => {
      if (!(target instanceof HTMLElement)) return;
      const row = /** @type {HTMLElement | null} */ (target.closest('[data-part="fault"]'));
      if (row && target === nameOf(row)) this.#explain(row, this.#faults.indexOf(row) + 1);
      this.#update();
      this.#onChange();
    });
    form.addEventListener("click", ({ target }) => {
      if (!(target instanceof HTMLElement)) return;
      if (target === this.#add) this.#addRow();
      else if (target.dataset.part === "remove") {
        target.closest('[data-part="fault"]')?.remove();
        nameOf(this.#faults[this.#faults.length - 1]).focus();
      } else return;
      this.#update();
      this.#onChange();
    });
    this.#update();
  }

  get scenario() {
    return this.#scenario.value;
  }

  set scenario(name) {
    this.#scenario.value = name;
    this.#update();
    this.#onChange();
  }

  /** The faults as a base URL spells them; "" for none. */
  get fault() {
    const texts = this.#faults.map((row) => {
      const name = nameOf(row).value;
      if (name === this.#constants.none) return "";
      const values = controlsOf(row)
        .map(({ type, value, name, dataset }) => {
          const text = type === "number" && value !== "" ? String(Number(value)) : value;
          return text === dataset.default || text === "" ? "" : `${name}=${text}`;
        })
        .filter(Boolean);
      return [name, ...values].join(";");
    });
    return texts.filter(Boolean).join("+");
  }

  /** Whether the value of every parameter is valid. */
  get isValid() {
    return controlsOf(this.#form).every((control) => control.validity.valid);
  }

  /** Let the browser show what is invalid. @returns {boolean} whether everything is valid */
  report() {
    return this.#form.reportValidity();
  }

  get #faults() {
    return /** @type {HTMLElement[]} */ ([...this.#rows.children]);
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
   * Show the help and the parameters of the fault that is chosen in a row.
   * @param {HTMLElement} row
   * @param {number} number of the row, for its ids
   */
  #explain(row, number) {
    const about = part(row, "fault-about");
    const name = nameOf(row).value;
    const template = document.querySelector(`template[data-fault="${CSS.escape(name)}"]`);
    if (!(template instanceof HTMLTemplateElement)) return;
    about.replaceChildren(template.content.cloneNode(true));
    // Two rows can have the same fault, so each row has ids of its own.
    for (const attribute of ["id", "for", "aria-describedby"]) {
      for (const node of about.querySelectorAll(`[${attribute}]`)) {
        const id = node.getAttribute(attribute)?.replace(/^row-/, `fault-${number}-`);
        node.setAttribute(attribute, id ?? "");
      }
    }
  }

  #update() {
    const chosen = this.#scenario.selectedOptions[0];
    setText(part(this.#form, "scenario-help"), chosen.dataset.help ?? "");
    for (const [index, row] of this.#faults.entries()) {
      row.querySelector("legend")?.replaceChildren(`Fault ${index + 1}`);
    }
    for (const control of controlsOf(this.#form)) showValidity(control);
    const { none, mostFaults } = this.#constants;
    const isOpen = this.#faults.some((row) => nameOf(row).value === none);
    this.#add.hidden = isOpen || this.#faults.length >= mostFaults;
  }
}

/** @param {HTMLElement} row */
function nameOf(row) {
  return /** @type {HTMLSelectElement} */ (part(row, "fault-name"));
}

/** @param {HTMLElement} root */
function controlsOf(root) {
  return /** @type {Control[]} */ ([...root.querySelectorAll(".parameter :is(input, select)")]);
}

/**
 * Show below an invalid field which values it takes.
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
