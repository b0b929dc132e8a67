/** The home page: one scenario that starts by itself. */

import { reportFailure } from "../views/dom.js";
import { fetchTable, StreamPanel } from "./stream-panel.js";

const root = /** @type {HTMLElement} */ (document.querySelector("[data-stream-panel]"));

try {
  const panel = new StreamPanel(root, await fetchTable());
  await panel.loadScenario(root.dataset.scenario ?? "");
  await panel.player.start();
} catch (error) {
  reportFailure(root, error, "Reload to retry.");
}
