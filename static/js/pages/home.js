/** The home page: one scenario that starts by itself. */

import { fetchTable, reportFailure, Stage } from "./stage.js";

const root = /** @type {HTMLElement} */ (document.querySelector("[data-stage]"));

try {
  const stage = new Stage(root, await fetchTable());
  await stage.load(root.dataset.scenario ?? "");
  await stage.player.start();
} catch (error) {
  reportFailure(root, error);
}
