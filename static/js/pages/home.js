/** The home page: one scenario that starts by itself. */

import { addCopyButtons } from "../views/copy.js";
import { part, reportFailure } from "../views/dom.js";
import { fetchTable, StreamPanel } from "./stream-panel.js";

const root = /** @type {HTMLElement} */ (document.querySelector("[data-stream-panel]"));

/**
 * Once the stream has ended, the link to all scenarios leads to the next one.
 * @param {import("../player/player.js").Player} player
 */
function offerNext({ phase }) {
  const more = part(root, "more");
  const { next, nextText } = more.dataset;
  if (phase !== "ended" || !next || !nextText) return;
  more.setAttribute("href", next);
  more.textContent = nextText;
}

addCopyButtons(part(document, "ways"));
try {
  const panel = new StreamPanel(root, await fetchTable());
  panel.player.listen(offerNext);
  await panel.loadScenario(root.dataset.scenario ?? "");
  await panel.player.start();
} catch (error) {
  reportFailure(root, error);
}
