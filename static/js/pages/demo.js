/** The demo page: every scenario, with its state kept in the address. */

import { statusOf } from "../player/status.js";
import { entryIn } from "../protocol/read.js";
import { pageAddress } from "../simulator/request.js";
import { LONGEST_FRAGMENT, packed } from "../sources/fragment.js";
import { saved } from "../sources/saved.js";
import { findings, NOT_AS_DOCUMENTED } from "../stream/diagnostics.js";
import { UNDELIVERED } from "../stream/ending.js";
import { inline, part, reportFailure } from "../views/dom.js";
import { NonStreamingView } from "../views/non-streaming.js";
import { replaceAddress } from "./address.js";
import { fetchTable, StreamPanel } from "./stream-panel.js";

const root = /** @type {HTMLElement} */ (document.querySelector("[data-stream-panel]"));
const select = /** @type {HTMLSelectElement} */ (part(root, "scenario"));
const fault = /** @type {HTMLSelectElement} */ (part(root, "fault"));
const compare = /** @type {HTMLInputElement} */ (part(root, "compare"));
const slider = /** @type {HTMLInputElement} */ (part(root, "speed"));
const picker = /** @type {HTMLInputElement} */ (part(root, "saved"));

// A larger file does not fit in an address, however it is compressed.
const LARGEST_LINKED = 1_000_000;
// The value of the option for a file. No scenario has this name.
const FILE = "a file";
/** @type {File | null} the saved stream that was opened last */
let file = null;

/** @type {Record<string, number>} by the id of a model; "" for one that is not known */
const charactersPerToken = JSON.parse(root.dataset.charactersPerToken ?? "{}");

/**
 * The demo has no list of diagnostics: what is odd in a file is shown beside its ending.
 * @type {typeof statusOf}
 */
function describe(player, table) {
  const status = statusOf(player, table);
  const isFile = select.value === FILE;
  if (isFile && player.phase === "failed" && !player.isBroken) {
    return { ...status, label: "No stream in this file", advice: player.failure ?? "" };
  }
  if (player.phase !== "ended") return status;
  const [ending, ...odd] = findings(player.log, table, player.assembly);
  const notes = odd
    .filter(({ title }) => isFile || title === NOT_AS_DOCUMENTED)
    .map(({ title, text }) => (text ? `${title}: ${text}` : `${title}.`));
  const why = ending.title === UNDELIVERED ? ending.text : "";
  return { ...status, advice: [why, status.advice, ...notes].filter(Boolean).join(" ") };
}

/** @param {StreamPanel} panel */
function writeAddress({ player: { mode, speed }, opened }) {
  const query = new URLSearchParams({ mode, speed: String(speed) });
  // A file has no address.
  if (select.value !== FILE) query.set("scenario", select.value);
  if (fault.value) query.set("fault", fault.value);
  if (compare.checked) query.set("compare", "1");
  if (opened > 0) query.set("event", String(opened));
  replaceAddress(`${location.pathname}?${query}`);
}

/**
 * Restore the state of the address. Invalid values are ignored.
 * @param {StreamPanel} panel
 */
async function followAddress(panel) {
  const { player } = panel;
  const query = new URLSearchParams(location.search);
  const speed = Number(query.get("speed") ?? player.speed);
  const mode = query.get("mode");
  const event = Number(query.get("event") ?? 0);
  const scenario = query.get("scenario") ?? "";
  if (speed >= 0 && speed <= Number(slider.max)) player.setSpeed(Math.round(speed));
  if (mode === "typewriter" || mode === "sent") player.setMode(mode);
  if ([...select.options].some(({ value }) => value === scenario)) select.value = scenario;
  chooseFault(query.get("fault") ?? "");
  showComparison(query.get("compare") === "1");
  await load(panel);
  if (Number.isInteger(event) && event > 0) {
    await player.seek(event);
    panel.open(Math.min(event, player.count));
  }
}

/**
 * The list has each fault with its defaults. A fault with other parameters is added to it.
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
async function load(panel) {
  const opened = select.value === FILE ? file : null;
  if (opened) chooseFault("");
  const hasFault = fault.value !== "";
  fault.disabled = opened !== null;
  // A recording of the corpus has no prompt.
  part(root, "prompt-row").hidden = opened !== null || select.value.startsWith("corpus:");
  part(root, "fault-about").hidden = !hasFault;
  linkInspector(opened);
  if (opened) {
    const summary = part(root, "summary");
    summary.textContent = `${opened.name}: read in this page, and sent nowhere.`;
    panel.player.setMode("typewriter");
    const notes = ["A saved stream has no times, so it is typed."];
    await panel.load(saved(opened, (note) => notes.push(note)));
    if (panel.player.phase !== "failed") summary.append(` ${notes.join(" ")}`);
    panel.charactersPerToken = ratioOf(panel.player.log.events);
    return;
  }
  part(root, "fault-help").replaceChildren(...inline(fault.selectedOptions[0].dataset.help ?? ""));
  const address = pageAddress({ scenario: select.value, fault: fault.value });
  part(root, "simulate").setAttribute("href", address);
  await panel.loadScenario(select.value, fault.value);
}

/**
 * The inspector opens what the demo shows. A file that no address can hold is opened there again.
 * @param {File | null} opened
 */
async function linkInspector(opened) {
  const link = part(root, "inspect");
  const fields = new URLSearchParams({ scenario: select.value });
  if (fault.value) fields.set("fault", fault.value);
  link.setAttribute("href", opened ? "/inspect" : `/inspect#${fields}`);
  if (!opened || opened.size > LARGEST_LINKED) return;
  const fragment = await packed(new Uint8Array(await opened.arrayBuffer()));
  if (file === opened && fragment.length <= LONGEST_FRAGMENT) {
    link.setAttribute("href", `/inspect#stream=${fragment}`);
  }
}

/**
 * What the model of a saved stream makes of English prose.
 * @param {import("../stream/event-log.js").WireEvent[]} events
 */
function ratioOf(events) {
  const model = events.find(({ data }) => data?.type === "message_start")?.data?.message?.model;
  return entryIn(charactersPerToken, model) ?? charactersPerToken[""];
}

/** @param {boolean} isShown */
function showComparison(isShown) {
  compare.checked = isShown;
  root.classList.toggle("is-comparing", isShown);
  part(root, "whole").hidden = !isShown;
}

try {
  const panel = new StreamPanel(root, await fetchTable(), describe);
  const nonStreaming = new NonStreamingView(part(root, "whole"));
  panel.player.listen((player) => nonStreaming.render(player));
  await followAddress(panel);
  for (const control of [select, fault, compare, picker]) control.disabled = false;
  picker.addEventListener("change", () => {
    const picked = picker.files?.[0];
    if (!picked) return;
    // The same file can be picked again after it has changed.
    picker.value = "";
    file = picked;
    const existing = [...select.options].find(({ value }) => value === FILE);
    const choice = existing ?? new Option("", FILE);
    choice.text = `A file: ${picked.name}`;
    select.prepend(choice);
    select.value = FILE;
    load(panel);
  });
  select.addEventListener("change", () => load(panel));
  fault.addEventListener("change", () => load(panel));
  compare.addEventListener("change", () => {
    showComparison(compare.checked);
    writeAddress(panel);
  });
  panel.onOpen = () => writeAddress(panel);
  // The address depends on the settings, which most changes of the player leave as they are.
  let written = "";
  panel.player.listen(({ mode, speed, isLoading }) => {
    const settings = `${select.value} ${fault.value} ${mode} ${speed}`;
    if (settings === written || isLoading) return;
    written = settings;
    writeAddress(panel);
  });
} catch (error) {
  reportFailure(root, error);
}
