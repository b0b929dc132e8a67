/** What a browser's own code could tell of a stream: as it begins, and once it is over. */

import { element, setText } from "./dom.js";

/** @typedef {import("../stream/ending.js").Finding} Finding */

export class DiagnosticsView {
  #root;
  #head = element("p", "diagnostics-head");
  #list = element("ul", "diagnostics-list");
  #advice = element("p", "diagnostics-advice");

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {import("../stream/event-log.js").EventLog} log
   * @param {Finding[]} findings none while it runs
   * @param {string} advice
   */
  render(log, findings, advice) {
    if (!this.#head.isConnected) {
      this.#root.replaceChildren(this.#head, this.#list, this.#advice);
    }
    const text = headText(log);
    setText(this.#head, text);
    this.#list.replaceChildren(...findings.map(row));
    this.#advice.textContent = advice.replaceAll("`", "");
  }
}

/** @param {import("../stream/event-log.js").EventLog} log */
function headText({ head, bytes, pieces }) {
  if (!head) return "No answer yet.";
  const type = head.type.split(";")[0] || "no content-type";
  const id = head.headers?.["request-id"];
  const came = `${counted(bytes, "byte")} in ${counted(pieces, "piece")}`;
  return `HTTP ${head.status}, ${type}: ${came}${id ? `, request-id: ${id}` : ""}.`;
}

/**
 * @param {number} count
 * @param {string} what
 */
function counted(count, what) {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

/** @param {Finding} finding */
function row({ kind, title, text }) {
  const item = element("li", `diagnostics-${kind}`);
  item.append(element("strong", "", text ? `${title}:` : title), text && ` ${text}`);
  return item;
}
