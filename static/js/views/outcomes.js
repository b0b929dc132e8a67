/** What each client did on a fault when it was measured, as a table. */

import { element, inline, part, tableWith } from "./dom.js";

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
/** @type {Outcomes} */
const NOTHING = { measured: "", scenario: "", characters: 0, runs: [] };
/** @type {Record<string, string>} The classes of results that begin with a mark. */
const MARKS = { "●": "is-whole", "▲": "is-raised", "✕": "is-unnoticed" };
const TIMES = { quick: "with the stream", limit: "by its own limit", hang: "never" };

export class OutcomesView {
  #root;
  /** @type {Record<string, string>} */
  #clients;
  /** @type {Record<string, [client: string, result: string][]>} by fault, as a base URL spells it */
  #others;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#clients = JSON.parse(root.dataset.clients ?? "{}");
    this.#others = JSON.parse(part(root, "others").dataset.others ?? "{}");
  }

  /**
   * @param {Outcomes | null} outcomes null where nothing was measured
   * @param {string} fault as a base URL spells it
   */
  show(outcomes, fault) {
    const { measured, scenario, characters, runs } = outcomes ?? NOTHING;
    // This very fault, or else the first one's name, with its default parameters.
    const known = new Set(runs.flatMap((run) => run.outcomes.map((one) => one.fault)));
    const closest = [fault, fault.split(/[;+]/)[0]].find((one) => known.has(one));
    this.#root.hidden = closest === undefined;
    if (closest === undefined) return;
    const { table, show } = tableWith(COLUMNS);
    const rows = runs.flatMap((run) => {
      const found = run.outcomes.find((one) => one.fault === closest);
      return found ? this.#row(run, found, characters) : [];
    });
    show(rows);
    part(this.#root, "outcomes-table").replaceChildren(table);
    part(this.#root, "outcomes-note").replaceChildren(
      `Measured on ${measured} with `,
      element("code", "", `${scenario}/${closest}`),
      closest === fault ? "." : ", which is the closest that was measured.",
    );
    this.#showOthers(this.#others[closest] ?? []);
  }

  /** @param {[client: string, result: string][]} others */
  #showOthers(others) {
    part(this.#root, "others").hidden = others.length === 0;
    const items = others.map(([client, result]) => {
      const item = element("li", "", `${client} `);
      const said = element("span", MARKS[result[0]] ?? "");
      said.append(...inline(result));
      item.append(said);
      return item;
    });
    part(this.#root, "others-list").replaceChildren(...items);
  }

  /**
   * @param {Outcomes["runs"][number]} run
   * @param {Outcome} outcome
   * @param {number} characters
   */
  #row({ client, version, runtime }, outcome, characters) {
    const { raised, cause, status, type, requests, text_kept, noticed, time } = outcome;
    const name = element("th");
    name.setAttribute("scope", "row");
    const about = element("em", "", `${version}, ${runtime}`);
    name.append(...inline(this.#clients[client] ?? client), about);
    const error = element("td", "", raised === null ? "None" : "");
    if (raised !== null) {
      error.append(element("code", "", raised));
      const details = [status, type, cause].filter((one) => one !== null).join(", ");
      if (details) error.append(element("em", "", details));
    }
    const row = element("tr", noticed === false ? "is-unnoticed" : "");
    const isNoticed = noticed ? "Yes" : "No: it takes the answer as whole";
    row.append(
      name,
      error,
      element("td", "", String(requests)),
      element("td", "", `${text_kept} of ${characters}`),
      element("td", "", noticed === null ? "Nothing is missing" : isNoticed),
      element("td", "", TIMES[time]),
    );
    return row;
  }
}
