/** The requests of a key, as a table with the newest on top. */

import { element, part } from "./dom.js";

/** @typedef {import("../simulator/watch.js").JournalRequest} JournalRequest */

const MOST_ROWS = 50;
const COLUMNS = ["Time", "Gap", "Client", "Request", "Status", "Events", "How it ended"];
const ENDS = { complete: "Complete", left: "The client left", cut: "Cut by the fault" };

export class JournalView {
  #frame;
  #note;
  #status;
  #table = element("table");
  #body = element("tbody");
  #shown = "";
  #newest = 0;

  /** @param {ParentNode} root */
  constructor(root) {
    this.#frame = part(root, "journal");
    this.#note = part(root, "journal-note");
    this.#status = part(root, "journal-status");
    const head = element("thead");
    const row = element("tr");
    for (const name of COLUMNS) {
      const cell = element("th", "", name);
      cell.setAttribute("scope", "col");
      row.append(cell);
    }
    head.append(row);
    this.#table.append(head, this.#body);
  }

  /** @param {JournalRequest[]} requests the oldest first */
  render(requests) {
    this.#note.hidden = requests.length > 0;
    const newest = requests.slice(-MOST_ROWS).reverse();
    const state = JSON.stringify(newest.map(textsOf));
    if (state === this.#shown) return;
    this.#shown = state;
    if (newest.length > 0 && !this.#table.isConnected) this.#frame.append(this.#table);
    this.#body.replaceChildren(...newest.map(row));
    this.#announce(newest);
  }

  /** @param {string} problem why there is nothing to see */
  fail(problem) {
    this.#note.textContent = problem;
    this.#note.hidden = false;
  }

  /**
   * Requests of others are news; what the page itself does is said elsewhere.
   * @param {JournalRequest[]} newest
   */
  #announce(newest) {
    const fresh = newest.filter((one) => one.at > this.#newest && clientOf(one) !== PAGE);
    this.#newest = Math.max(this.#newest, ...newest.map((one) => one.at));
    if (fresh.length === 0) return;
    const [{ path, status }] = fresh;
    const others = fresh.length > 1 ? `, and ${fresh.length - 1} more` : "";
    this.#status.textContent = `New request: ${clientOf(fresh[0])}, ${short(path)}, HTTP ${status}${others}`;
  }
}

/** @param {JournalRequest} request */
function row(request) {
  const made = element("tr", `ended-${request.ended ?? "open"}`);
  for (const text of textsOf(request)) made.append(element("td", "", text));
  return made;
}

/** @param {JournalRequest} request */
function textsOf(request) {
  return [
    new Date(request.at * 1000).toLocaleTimeString("en-GB"),
    request.gap_ms === null ? "–" : duration(request.gap_ms),
    clientOf(request),
    `${request.method} ${short(request.path)}`,
    String(request.status || "–"),
    String(request.event),
    endOf(request),
  ];
}

/** @param {JournalRequest} request */
function endOf({ ended, after_ms: after }) {
  if (ended === null) return "Running";
  return `${ENDS[ended]} after ${duration(after ?? 0)}`;
}

/** @param {string} path */
function short(path) {
  return path.replace(/^\/simulator\//, "");
}

/** @param {number} ms */
function duration(ms) {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const PAGE = "This page";
const SDK = /^\w*Anthropic\/(\w+) (\S+)/;

/** @param {JournalRequest} request */
function clientOf({ headers }) {
  const agent = headers["user-agent"] ?? "";
  if (headers["sec-fetch-site"] === "same-origin") return PAGE;
  const sdk = SDK.exec(agent);
  if (sdk) return `${sdk[1] === "JS" ? "JavaScript" : sdk[1]} SDK ${sdk[2]}`;
  if (agent.startsWith("Mozilla/")) return "A browser";
  return agent.split(" ")[0].replace("/", " ") || "Unnamed";
}
