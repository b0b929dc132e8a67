/** What a message's tokens cost: by part, added up by mistake, and on other models. */

import { dollars, inputTokens, itemsOf, sum } from "../live/cost.js";
import { addedUp, notesOn, searchesIn, WEB_SEARCH } from "../live/usage.js";
import { countIn } from "../protocol/read.js";
import { element, part, tableWith } from "./dom.js";

/** @typedef {import("../protocol/message.js").WireObject} WireObject */
/** @typedef {{title: string, ids: string[], isCurrent: boolean, price: import("../live/cost.js").Price}} Model */

const PARTS = /** @type {Record<string, string>} */ ({
  input: "Input, not cached",
  "written for 5 min": "Cache write, 5 minutes",
  "written for 1 h": "Cache write, 1 hour",
  read: "Cache read",
  output: "Output",
});

export class CostsView {
  #root;
  #models;
  #select;
  #parts = tableWith(["Part", "Tokens", "$ per million", "Cost"]);
  #others = tableWith(["Model", "Cost", "Of this"]);
  /** @type {WireObject | null} */
  #usage = null;
  /** @type {WireObject[]} */
  #reported = [];
  #isFinal = false;

  /**
   * @param {HTMLElement} root
   * @param {Record<string, Model>} models by id
   */
  constructor(root, models) {
    this.#root = root;
    this.#models = models;
    this.#select = /** @type {HTMLSelectElement} */ (part(root, "cost-model"));
    part(root, "cost-parts").append(this.#parts.table);
    part(root, "cost-others").append(this.#others.table);
    this.#select.addEventListener("change", () => this.#render());
  }

  /**
   * @param {WireObject | null} message null: there is none
   * @param {WireObject[]} reported the usage of each event that has one, in their order
   * @param {boolean} isFinal whether the last usage counts the whole answer
   */
  show(message, reported, isFinal) {
    const usage = message?.usage ?? {};
    this.#usage = Object.keys(usage).length > 0 ? usage : null;
    this.#reported = reported;
    this.#isFinal = isFinal;
    this.#root.hidden = this.#usage === null;
    const known = Object.entries(this.#models).find(([, { ids }]) => ids.includes(message?.model));
    if (known) this.#select.value = known[0];
    const named =
      message?.model && !known ? `Its model, ${message.model}, is not in the list.` : "";
    part(this.#root, "cost-unknown").textContent = named;
    this.#render();
  }

  #render() {
    const usage = this.#usage;
    if (!usage) return;
    const { price } = this.#models[this.#select.value];
    const cost = costOf(usage, price);
    this.#parts.show(rowsOf(usage, price, cost));
    const notes = [...notesOn(usage, this.#isFinal), this.#whenAddedUp(price, cost)];
    part(this.#root, "cost-notes").replaceChildren(
      ...notes.filter(Boolean).map((note) => element("li", "", note)),
    );
    const others = Object.entries(this.#models)
      .filter(([id, { isCurrent }]) => isCurrent || id === this.#select.value)
      .map(([id, model]) => ({ id, model, cost: costOf(usage, model.price) }))
      .sort((one, other) => one.cost - other.cost);
    this.#others.show(
      others.map(({ id, model, cost: other }) => {
        const row = element("tr");
        const title = element("th", "", model.title);
        title.setAttribute("scope", "row");
        if (id === this.#select.value) row.setAttribute("aria-current", "true");
        const times = cost > 0 ? `× ${(other / cost).toFixed(2)}` : "";
        row.append(title, element("td", "number", dollars(other)), element("td", "number", times));
        return row;
      }),
    );
    const query = new URLSearchParams({
      input: String(Math.max(1, inputTokens(usage))),
      cached: String(countIn(usage.cache_read_input_tokens) ?? 0),
      output: String(countIn(usage.output_tokens) ?? 0),
    });
    part(this.#root, "cost-compare").setAttribute("href", `/models?${query}`);
  }

  /**
   * @param {import("../live/cost.js").Price} price
   * @param {number} cost
   */
  #whenAddedUp(price, cost) {
    if (this.#reported.length < 2 || !this.#isFinal) return "";
    const sums = addedUp(this.#reported);
    const claimed = costOf(sums, price);
    const tokens = `${inputTokens(sums).toLocaleString("en")} input and ${(sums.output_tokens ?? 0).toLocaleString("en")} output tokens`;
    if (claimed <= cost) return "Adding up the counts of its events would claim the same.";
    const percent = Math.round((100 * (claimed - cost)) / cost).toLocaleString("en");
    const much = cost > 0 ? `, ${percent}% too much` : "";
    return `Adding up the counts of its ${this.#reported.length} usages, instead of overwriting, would claim ${tokens}: ${dollars(claimed)}${much}.`;
  }
}

/**
 * @param {WireObject} usage
 * @param {import("../live/cost.js").Price} price
 */
function costOf(usage, price) {
  return sum(itemsOf(usage, price)) + searchesIn(usage) * WEB_SEARCH;
}

/**
 * @param {WireObject} usage
 * @param {import("../live/cost.js").Price} price
 * @param {number} cost
 */
function rowsOf(usage, price, cost) {
  const rows = itemsOf(usage, price).map((item) =>
    rowOf(PARTS[item.what], item.tokens, String(item.price), dollars(sum([item]))),
  );
  const thinking = countIn(usage.output_tokens_details?.thinking_tokens);
  const output = itemsOf(usage, price).find(({ what }) => what === "output");
  if (thinking && output) {
    const share = dollars(sum([{ ...output, tokens: thinking }]));
    rows.push(rowOf("Of the output: thinking", thinking, String(output.price), share));
  }
  const searches = searchesIn(usage);
  if (searches > 0) {
    rows.push(rowOf("Web searches", searches, "10 for 1,000", dollars(searches * WEB_SEARCH)));
  }
  const total = rowOf("All of it", null, "", dollars(cost));
  total.className = "total";
  rows.push(total);
  return rows;
}

/**
 * @param {string} name
 * @param {number | null} count
 * @param {string} price
 * @param {string} cost
 */
function rowOf(name, count, price, cost) {
  const row = element("tr");
  const title = element("th", "", name);
  title.setAttribute("scope", "row");
  row.append(
    title,
    element("td", "number", count === null ? "" : count.toLocaleString("en")),
    element("td", "number", price),
    element("td", "number", cost),
  );
  return row;
}
