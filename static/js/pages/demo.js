/** The demo page: every scenario, with its state kept in the address. */

import { statusOf } from "../player/status.js";
import { pageAddress } from "../simulator/request.js";
import { saved } from "../sources/saved.js";
import { NOT_AS_DOCUMENTED } from "../stream/diagnostics.js";
import { inline, part, reportFailure } from "../views/dom.js";
import { NonStreamingView } from "../views/non-streaming.js";
import { fetchTable, StreamPanel } from "./stream-panel.js";

const root = /** @type {HTMLElement} */ (document.querySelector("[data-stream-panel]"));
const select = /** @type {HTMLSelectElement} */ (part(root, "scenario"));
const fault = /** @type {HTMLSelectElement} */ (part(root, "fault"));
const compare = /** @type {HTMLInputElement} */ (part(root, "compare"));
const slider = /** @type {HTMLInputElement} */ (part(root, "speed"));
const picker = /** @type {HTMLInputElement} */ (part(root, "saved"));

// The value of the choice that stands for a file; no scenario is called that.
const FILE = "a file";
/** @type {File | null} the saved stream that was opened last */
let file = null;

/**
 * The demo has no list of findings: what a file has that is odd is told beside how it ended.
 * @type {typeof statusOf}
 */
function describe(player, table) {
  const status = statusOf(player, table);
  const { odd } = player.assembly;
  if (player.phase !== "ended" || odd === "") return status;
  return { ...status, advice: `${status.advice} ${NOT_AS_DOCUMENTED}: ${odd}`.trim() };
}

/** @param {StreamPanel} panel */
function writeAddress(panel) {
  const { player } = panel;
  const query = new URLSearchParams({ mode: player.mode, speed: String(player.speed) });
  // No address leads to a file.
  if (select.value !== FILE) query.set("scenario", select.value);
  if (fault.value) query.set("fault", fault.value);
  if (compare.checked) query.set("compare", "1");
  if (panel.opened > 0) query.set("event", String(panel.opened));
  const address = `${location.pathname}?${query}`;
  if (address !== location.pathname + location.search) history.replaceState(null, "", address);
}

/**
 * What the address asks for; whatever it says wrong is passed over.
 * @param {StreamPanel} panel
 */
async function followAddress(panel) {
  const query = new URLSearchParams(location.search);
  const speed = Number(query.get("speed") ?? panel.player.speed);
  const mode = query.get("mode");
  const event = Number(query.get("event") ?? 0);
  if (speed >= 0 && speed <= Number(slider.max)) panel.player.setSpeed(Math.round(speed));
  if (mode === "typewriter" || mode === "sent") panel.player.setMode(mode);
  const names = [...select.options].map((option) => option.value);
  if (names.includes(query.get("scenario") ?? "")) select.value = query.get("scenario") ?? "";
  chooseFault(query.get("fault") ?? "");
  showComparison(query.get("compare") === "1");
  await load(panel);
  if (Number.isInteger(event) && event > 0) {
    await panel.player.seek(event);
    panel.open(Math.min(event, panel.player.count));
  }
}

/**
 * The list has each fault as it is by default; with parameters one is a choice of its own.
 * @param {string} text as a base URL spells it
 */
function chooseFault(text) {
  if (text === "") fault.value = "";
  const choices = [...fault.options];
  const plain = choices.find(({ value }) => value !== "" && value === text.split(/[;+]/)[0]);
  if (!plain) return;
  if (plain.value !== text) {
    const option = new Option(text, text);
    option.dataset.help = plain.dataset.help;
    plain.after(option);
  }
  fault.value = text;
}

/** @param {StreamPanel} panel */
function load(panel) {
  const opened = select.value === FILE ? file : null;
  fault.disabled = opened !== null;
  part(root, "prompt-row").hidden = opened !== null;
  if (opened) return loadFile(panel, opened);
  const about = part(root, "fault-about");
  about.hidden = fault.value === "";
  root.classList.toggle("has-fault", fault.value !== "");
  part(root, "fault-help").replaceChildren(...inline(fault.selectedOptions[0].dataset.help ?? ""));
  const address = pageAddress({ scenario: select.value, fault: fault.value });
  part(root, "simulate").setAttribute("href", address);
  return panel.load(select.value, fault.value);
}

/**
 * @param {StreamPanel} panel
 * @param {File} from
 */
function loadFile(panel, from) {
  chooseFault("");
  part(root, "fault-about").hidden = true;
  root.classList.remove("has-fault");
  part(root, "summary").textContent =
    `${from.name}: read in this page, and sent nowhere. A saved stream has no times, so it is typed.`;
  panel.player.setMode("typewriter");
  return panel.loadSaved(saved(from));
}

/**
 * A file that was picked is a choice among the scenarios.
 * @param {StreamPanel} panel
 */
function openFile(panel) {
  const picked = picker.files?.[0];
  if (!picked) return;
  // The same file can be picked again, when it holds something else.
  picker.value = "";
  file = picked;
  const choice = [...select.options].find(({ value }) => value === FILE) ?? new Option("", FILE);
  choice.text = `A file: ${picked.name}`;
  select.prepend(choice);
  select.value = FILE;
  load(panel);
}

/** @param {boolean} isShown */
function showComparison(isShown) {
  compare.checked = isShown;
  root.classList.toggle("is-comparing", isShown);
  part(root, "whole").hidden = !isShown;
}

try {
  const panel = new StreamPanel(root, await fetchTable(), describe);
  const whole = new NonStreamingView(part(root, "whole"));
  panel.player.listen((player) => whole.render(player));
  await followAddress(panel);
  select.disabled = false;
  fault.disabled = false;
  compare.disabled = false;
  picker.disabled = false;
  picker.addEventListener("change", () => openFile(panel));
  select.addEventListener("change", () => load(panel));
  fault.addEventListener("change", () => load(panel));
  compare.addEventListener("change", () => {
    showComparison(compare.checked);
    writeAddress(panel);
  });
  // The address follows the settings, not the stream: most changes leave it as it is.
  panel.onOpen = () => writeAddress(panel);
  let written = "";
  panel.player.listen((player) => {
    const settings = `${select.value} ${fault.value} ${player.mode} ${player.speed}`;
    if (settings === written || player.isLoading) return;
    written = settings;
    writeAddress(panel);
  });
} catch (error) {
  reportFailure(root, error, "Reload to retry.");
}
