/** The requests of a key, as a table with the newest first. */

import { element, part, tableWith } from "./dom.js";
import { timeOf } from "./verdicts.js";

/** @typedef {import("../simulator/watch.js").JournalRequest} JournalRequest */

const MOST_ROWS = 50;
const COLUMNS = ["Time", "Gap", "Client", "Request", "Status", "Events", "How it ended"];
const ENDS = { complete: "Complete", left: "The client left", cut: "Cut by the fault" };
const PAGE = "This page";
const SDK = /^\w*Anthropic\/(\w+) (\S+)/;

export class JournalView {
  #frame;
  #note;
  #status;
  #table = tableWith(COLUMNS);
  #shown = "";
  #newest = 0;

  /** @param {ParentNode} root */
  constructor(root) {
    this.#frame = part(root, "journal");
    this.#note = part(root, "journal-note");
    this.#status = part(root, "journal-status");
  }

  /**
   * @param {JournalRequest[]} requests the oldest first
   * @returns {boolean} whether there is anything new in them
   */
  render(requests) {
    this.#note.hidden = requests.length > 0;
    const newest = requests.slice(-MOST_ROWS).reverse();
    const state = JSON.stringify(newest.map(textsOf));
    if (state === this.#shown) return false;
    this.#shown = state;
    const { table, show } = this.#table;
    if (newest.length > 0 && !table.isConnected) this.#frame.append(table);
    const rows = newest.map((request) => {
      const row = element("tr", `ended-${request.ended ?? "open"}`);
      row.append(...textsOf(request).map((text) => element("td", "", text)));
      return row;
    });
    show(rows);
    // The page announces its own requests elsewhere.
    const fresh = newest.filter((one) => one.at > this.#newest && clientOf(one) !== PAGE);
    this.#newest = Math.max(this.#newest, ...newest.map(({ at }) => at));
    if (fresh.length === 0) return true;
    const [{ path, status }] = fresh;
    const others = fresh.length > 1 ? `, and ${fresh.length - 1} more` : "";
    this.#status.textContent = `New request: ${clientOf(fresh[0])}, ${short(path)}, HTTP ${status}${others}`;
    return true;
  }

  /** @param {string} problem why there are no requests to show */
  fail(problem) {
    this.#note.textContent = problem;
    this.#note.hidden = false;
  }
}

/** @param {JournalRequest} request */
function textsOf(request) {
  const { at, gap_ms, method, path, status, event, ended, after_ms } = request;
  return [
    timeOf(at),
    gap_ms === null ? "–" : duration(gap_ms),
    clientOf(request),
    `${method} ${short(path)}`,
    String(status || "–"),
    String(event),
    ended === null ? "Running" : `${ENDS[ended]} after ${duration(after_ms ?? 0)}`,
  ];
}

/** @param {string} path */
function short(path) {
  return path.replace(/^\/simulator\//, "");
}

/** @param {number} ms */
export function duration(ms) {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** @param {Pick<JournalRequest, "headers">} request */
export function clientOf({ headers }) {
  const agent = headers["user-agent"] ?? "";
  if (headers["sec-fetch-site"] === "same-origin") return PAGE;
  const sdk = SDK.exec(agent);
  if (sdk) return `${sdk[1] === "JS" ? "JavaScript" : sdk[1]} SDK ${sdk[2]}`;
  if (agent.startsWith("Mozilla/")) return "A browser";
  return agent.split(" ")[0].replace("/", " ") || "Unnamed";
}
