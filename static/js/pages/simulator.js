/** The simulator's page: a setting, run here or from elsewhere, and what came of it. */

import { basePath, messagesRequest, pageAddress } from "../simulator/request.js";
import { fetchKey, JournalWatch } from "../simulator/watch.js";
import { CommandsView } from "../views/commands.js";
import { addCopyButtons } from "../views/copy.js";
import { part } from "../views/dom.js";
import { watchFrames } from "../views/frames.js";
import { JournalView } from "../views/journal.js";
import { OutcomesView } from "../views/outcomes.js";
import { SettingView } from "../views/setting.js";

/** @typedef {import("../views/outcomes.js").Outcomes} Outcomes */

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const root = /** @type {HTMLElement} */ (document.querySelector("[data-stage]"));
const form = /** @type {HTMLFormElement} */ (part(main, "form"));

const commands = [...main.querySelectorAll('[data-part="commands"]')].map(
  (node) => new CommandsView(/** @type {HTMLElement} */ (node)),
);
const journal = new JournalView(main);
const outcomes = new OutcomesView(part(main, "outcomes"));
/** @type {import("../simulator/request.js").Constants} */
const constants = JSON.parse(form.dataset.constants ?? "{}");
const setting = new SettingView(form, constants, follow);
const framesChanged = watchFrames(main);
/** Any key will do, until the simulator has given one whose requests it keeps. */
let key = part(main, "commands").dataset.key ?? "";
/** @type {Promise<Outcomes | null> | null} */
let measured = null;

/** The commands and the address follow the form, as long as it says something. */
function follow() {
  if (!setting.isValid) return;
  for (const command of commands)
    command.fill({ base: location.origin + basePath(setting, constants) });
  framesChanged();
  const address = pageAddress(setting);
  if (address !== location.pathname + location.search) history.replaceState(null, "", address);
  showOutcomes();
}

async function showOutcomes() {
  const { fault } = setting;
  if (fault === "") {
    outcomes.hide();
    return;
  }
  measured ??= fetchOutcomes();
  const found = await measured;
  if (found && fault === setting.fault) outcomes.show(found, fault);
}

/** @returns {Promise<Outcomes | null>} null where nothing was measured */
async function fetchOutcomes() {
  const response = await fetch("/simulator/outcomes.json");
  return response.ok ? response.json() : null;
}

async function watchJournal() {
  try {
    key = await fetchKey();
  } catch (error) {
    journal.fail(`${error instanceof Error ? error.message : error} Reload to retry.`);
    return null;
  }
  for (const command of commands) command.fill({ key });
  framesChanged();
  const watch = new JournalWatch(
    key,
    (requests) => journal.render(requests),
    (problem) => journal.fail(problem),
  );
  watch.start();
  return watch;
}

/** @type {Promise<import("./run.js").Run> | null} */
let loading = null;

/** The player is loaded at the first sign that somebody wants it. */
function loadRun() {
  loading ??= import("./run.js").then(({ Run }) =>
    Run.load(root, async () => (await watching)?.look()),
  );
  // What failed can be tried again.
  loading.catch(() => {
    loading = null;
  });
  return loading;
}

async function startRun() {
  if (!setting.report()) return;
  try {
    const [run] = await Promise.all([loadRun(), watching]);
    const url = `${basePath(setting, constants)}/v1/messages`;
    await run.start(url, messagesRequest(key, constants), constants.charactersPerToken);
  } catch (error) {
    const status = part(root, "status");
    status.dataset.kind = "failed";
    status.textContent = "The player could not start";
    const reason = error instanceof Error ? error.message : String(error);
    part(root, "noticed").textContent = `${reason} Run it again to retry.`;
  }
}

addCopyButtons(main);
follow();
const watching = watchJournal();

const run = /** @type {HTMLButtonElement} */ (part(root, "run"));
for (const sign of ["pointerenter", "focus"]) {
  run.addEventListener(sign, () => loadRun().catch(() => {}), { once: true });
}
run.addEventListener("click", startRun);
part(root, "stop").addEventListener("click", async () => (await loading)?.stop());
run.disabled = false;
