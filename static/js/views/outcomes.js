/** What each client did on a fault when it was measured, as a table. */

import { element, inline, part } from "./dom.js";

/**
 * @typedef {object} Outcome
 * @property {string} fault as a base URL spells it
 * @property {string | null} raised
 * @property {string | null} cause
 * @property {number | null} status
 * @property {string | null} type
 * @property {number} requests
 * @property {number} text_kept
 * @property {boolean | null} noticed null where nothing was missing
 * @property {"quick" | "limit" | "hang"} time
 */

/**
 * @typedef {object} Outcomes
 * @property {string} measured the day
 * @property {string} scenario
 * @property {number} characters of the scenario's text
 * @property {{client: string, version: string, runtime: string, outcomes: Outcome[]}[]} runs
 */

const COLUMNS = ["Client", "Error", "Requests", "Text kept", "Noticed", "Ended"];
const TIMES = { quick: "with the stream", limit: "by its own limit", hang: "never" };

export class OutcomesView {
  #root;
  /** @type {Record<string, string>} */
  #clients;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#clients = JSON.parse(root.dataset.clients ?? "{}");
  }

  hide() {
    this.#root.hidden = true;
  }

  /**
   * @param {Outcomes} outcomes
   * @param {string} fault as a base URL spells it
   */
  show(outcomes, fault) {
    const measured = closest(outcomes, fault);
    this.#root.hidden = measured === null;
    if (measured === null) return;
    const table = element("table");
    const body = element("tbody");
    for (const run of outcomes.runs) {
      const found = run.outcomes.find((one) => one.fault === measured);
      if (found) body.append(this.#row(run, found, outcomes.characters));
    }
    table.append(head(), body);
    part(this.#root, "outcomes-table").replaceChildren(table);
    part(this.#root, "outcomes-note").replaceChildren(
      "Measured on ",
      outcomes.measured,
      " with ",
      element("code", "", `${outcomes.scenario}/${measured}`),
      measured === fault ? "." : ", which is the closest that was measured.",
    );
  }

  /**
   * @param {Outcomes["runs"][number]} run
   * @param {Outcome} outcome
   * @param {number} characters
   */
  #row({ client, version, runtime }, outcome, characters) {
    const row = element("tr", outcome.noticed === false ? "is-unnoticed" : "");
    const name = element("th");
    name.setAttribute("scope", "row");
    name.append(
      ...inline(this.#clients[client] ?? client),
      element("em", "", `${version}, ${runtime}`),
    );
    row.append(
      name,
      errorCell(outcome),
      element("td", "", String(outcome.requests)),
      element("td", "", `${outcome.text_kept} of ${characters}`),
      element("td", "", noticed(outcome.noticed)),
      element("td", "", TIMES[outcome.time]),
    );
    return row;
  }
}

/**
 * The variant that was measured: this very one, or else that of the first fault's name.
 * @param {Outcomes} outcomes
 * @param {string} fault
 */
function closest({ runs }, fault) {
  const known = new Set(runs.flatMap((run) => run.outcomes.map((one) => one.fault)));
  const name = fault.split(/[;+]/)[0];
  return [fault, name].find((one) => known.has(one)) ?? null;
}

function head() {
  const row = element("tr");
  for (const name of COLUMNS) {
    const cell = element("th", "", name);
    cell.setAttribute("scope", "col");
    row.append(cell);
  }
  const made = element("thead");
  made.append(row);
  return made;
}

/** @param {Outcome} outcome */
function errorCell({ raised, cause, status, type }) {
  const cell = element("td");
  if (raised === null) {
    cell.append("None");
    return cell;
  }
  cell.append(element("code", "", raised));
  const about = [status, type, cause].filter((one) => one !== null).join(", ");
  if (about) cell.append(element("em", "", about));
  return cell;
}

/** @param {boolean | null} value */
function noticed(value) {
  if (value === null) return "Nothing is missing";
  return value ? "Yes" : "No: it takes the answer as whole";
}
