/** The demo page: every scenario, with its state kept in the address. */

import { SLOWEST } from "../player/pace.js";
import { part } from "../views/dom.js";
import { fetchTable, reportFailure, Stage } from "./stage.js";

const root = /** @type {HTMLElement} */ (document.querySelector("[data-stage]"));
const select = /** @type {HTMLSelectElement} */ (part(root, "scenario"));
const compare = /** @type {HTMLInputElement} */ (part(root, "compare"));

/** @param {Stage} stage */
function writeAddress(stage) {
  const { player } = stage;
  const query = new URLSearchParams({
    scenario: select.value,
    mode: player.mode,
    speed: String(player.speed),
  });
  if (compare.checked) query.set("compare", "1");
  if (stage.opened > 0) query.set("event", String(stage.opened));
  const address = `${location.pathname}?${query}`;
  if (address !== location.pathname + location.search) history.replaceState(null, "", address);
}

/**
 * What the address asks for; whatever it says wrong is passed over.
 * @param {Stage} stage
 */
async function followAddress(stage) {
  const query = new URLSearchParams(location.search);
  const speed = Number(query.get("speed") ?? stage.player.speed);
  const mode = query.get("mode");
  const event = Number(query.get("event") ?? 0);
  if (speed >= 0 && speed <= SLOWEST) stage.player.setSpeed(Math.round(speed));
  if (mode === "typewriter" || mode === "sent") stage.player.setMode(mode);
  const names = [...select.options].map((option) => option.value);
  if (names.includes(query.get("scenario") ?? "")) select.value = query.get("scenario") ?? "";
  showComparison(query.get("compare") === "1");
  await stage.load(select.value);
  if (Number.isInteger(event) && event > 0) {
    await stage.player.seek(event);
    stage.open(Math.min(event, stage.player.count));
  }
}

/** @param {boolean} isShown */
function showComparison(isShown) {
  compare.checked = isShown;
  root.classList.toggle("is-comparing", isShown);
  part(root, "whole").hidden = !isShown;
}

try {
  const stage = new Stage(root, await fetchTable());
  await followAddress(stage);
  select.disabled = false;
  compare.disabled = false;
  select.addEventListener("change", () => stage.load(select.value));
  compare.addEventListener("change", () => {
    showComparison(compare.checked);
    writeAddress(stage);
  });
  // The address follows the settings, not the stream: most changes leave it as it is.
  stage.onOpen = () => writeAddress(stage);
  let written = "";
  stage.player.listen((player) => {
    const settings = `${select.value} ${player.mode} ${player.speed}`;
    if (settings === written || player.isLoading) return;
    written = settings;
    writeAddress(stage);
  });
} catch (error) {
  reportFailure(root, error);
}
