/** What the page's code notices of a stream: how its response begins, and later its ending. */

import { counted } from "../protocol/read.js";
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
   * @param {Finding[]} findings none before the stream has ended
   * @param {string} advice
   */
  render({ head, bytes, pieces }, findings, advice) {
    if (!this.#head.isConnected) {
      this.#root.replaceChildren(this.#head, this.#list, this.#advice);
    }
    let beginning = "No answer yet.";
    if (head) {
      const type = head.type.split(";")[0] || "no content-type";
      const id = head.headers?.["request-id"];
      const size = `${counted(bytes, "byte")} in ${counted(pieces, "piece")}`;
      beginning = `HTTP ${head.status}, ${type}: ${size}${id ? `, request-id: ${id}` : ""}.`;
    }
    setText(this.#head, beginning);
    const items = findings.map(({ kind, title, text }) => {
      const item = element("li", `diagnostics-${kind}`);
      item.append(element("strong", "", text ? `${title}:` : title), text && ` ${text}`);
      return item;
    });
    this.#list.replaceChildren(...items);
    this.#advice.textContent = advice.replaceAll("`", "");
  }
}
