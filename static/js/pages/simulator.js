/** The simulator's page: a setting, run here or by a program, with its diagnostics and journal. */

import { basePath, messagesRequest, pageAddress } from "../simulator/request.js";
import { fetchKey, fetchVerdicts, JournalWatch } from "../simulator/watch.js";
import { CommandsView } from "../views/commands.js";
import { addCopyButtons } from "../views/copy.js";
import { lazily, part, reportFailure, setText } from "../views/dom.js";
import { JournalView } from "../views/journal.js";
import { OutcomesView } from "../views/outcomes.js";
import { OwnAnswerView } from "../views/own-answer.js";
import { watchScrollAreas } from "../views/scroll-areas.js";
import { SettingView } from "../views/setting.js";
import { reveal } from "../views/stage.js";
import { VerdictsView } from "../views/verdicts.js";
import { replaceAddress } from "./address.js";

/** @typedef {import("../views/outcomes.js").Outcomes} Outcomes */

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const root = /** @type {HTMLElement} */ (document.querySelector("[data-stream-panel]"));
const form = /** @type {HTMLFormElement} */ (part(main, "form"));
const run = /** @type {HTMLButtonElement} */ (part(root, "run"));
const stop = /** @type {HTMLButtonElement} */ (part(root, "stop"));

const commands = [...main.querySelectorAll('[data-part="commands"]')].map(
  (node) => new CommandsView(/** @type {HTMLElement} */ (node)),
);
const journal = new JournalView(main);
const verdicts = new VerdictsView(main);
const outcomes = new OutcomesView(part(main, "outcomes"));
/** @type {import("../simulator/request.js").Constants} */
const constants = JSON.parse(form.dataset.constants ?? "{}");
const setting = new SettingView(form, constants, follow);
const scrollAreasChanged = watchScrollAreas(main);
/** The commands' key; later one whose requests the simulator keeps in its journal. */
let key = part(main, "commands").dataset.key ?? "";

/** @type {() => Promise<Outcomes | null>} null where nothing was measured */
const getOutcomes = lazily(async () => {
  const response = await fetch("/simulator/outcomes.json");
  return response.ok ? response.json() : null;
});

const getSession = lazily(async () => {
  const { Session, fetchTable } = await import("./session.js");
  const session = new Session(root, await fetchTable(), async () => (await watching)?.read());
  session.player.listen(({ phase, isArriving }) => {
    setText(run, phase === "ended" || phase === "failed" ? "Run again" : "Run it here");
    stop.disabled = !isArriving;
  });
  return session;
});

/** The commands and the address follow the form while its values are valid. */
function follow() {
  if (!setting.isValid) return;
  const path = basePath(setting, constants);
  for (const command of commands) command.fill({ base: location.origin + path });
  scrollAreasChanged();
  replaceAddress(pageAddress(setting));
  showOutcomes();
}

async function showOutcomes() {
  const { fault } = setting;
  const found = fault === "" ? null : await getOutcomes();
  if (fault === setting.fault) outcomes.show(found, fault);
}

async function watchJournal() {
  try {
    key = await fetchKey();
  } catch (error) {
    journal.fail(`${error instanceof Error ? error.message : error} Reload to retry.`);
    return null;
  }
  for (const command of commands) command.fill({ key });
  scrollAreasChanged();
  const watch = new JournalWatch(key, showRequests, (problem) => journal.fail(problem));
  watch.start();
  return watch;
}

/** @param {import("../simulator/watch.js").JournalRequest[]} requests */
async function showRequests(requests) {
  if (!journal.render(requests)) return;
  try {
    verdicts.render(await fetchVerdicts(key), requests);
  } catch (error) {
    verdicts.fail(`${error instanceof Error ? error.message : error}`);
  }
}

async function startRun() {
  if (!setting.report()) return;
  reveal(root);
  try {
    const [session] = await Promise.all([getSession(), watching]);
    const url = `${basePath(setting, constants)}/v1/messages`;
    await session.send(url, messagesRequest(key, constants), constants.charactersPerToken);
  } catch (error) {
    reportFailure(root, error, "Run it again to retry.");
  }
}

addCopyButtons(main);
follow();
const watching = watchJournal();
new OwnAnswerView(
  /** @type {HTMLFormElement} */ (part(main, "own")),
  async () => {
    await watching;
    return key;
  },
  () => {
    setting.scenario = constants.auto;
    // The form is far below the stage.
    root.scrollIntoView();
    startRun();
  },
);

// The player is loaded when a visitor is about to run it.
for (const sign of ["pointerenter", "focus"]) {
  run.addEventListener(sign, () => getSession().catch(() => {}), { once: true });
}
run.addEventListener("click", startRun);
stop.addEventListener("click", async () => (await getSession()).stop());
run.disabled = false;
