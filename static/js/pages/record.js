/** The recorder's page: requests as they pass, and the one that plays. */

import { entryIn } from "../protocol/read.js";
import { familyOf } from "../protocol/table.js";
import { RecorderWatch } from "../recorder/watch.js";
import { arriving, recorded } from "../sources/recorded.js";
import { addCopyButtons } from "../views/copy.js";
import { part, reportFailure, setText } from "../views/dom.js";
import { RecordingsView } from "../views/recordings.js";
import { watchScrollAreas } from "../views/scroll-areas.js";
import { reveal } from "../views/stage.js";
import { timeOf } from "../views/verdicts.js";
import { fetchTable, Session } from "./session.js";

/** @typedef {import("../recorder/watch.js").RecordedRequest} RecordedRequest */

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const root = /** @type {HTMLElement} */ (document.querySelector("[data-stream-panel]"));
const follow = /** @type {HTMLInputElement} */ (part(main, "follow"));
const clear = /** @type {HTMLButtonElement} */ (part(main, "clear"));
const problem = part(main, "problem");
const inspect = part(root, "inspect");
/** @type {Record<string, number>} by the id of a model; "" for one that is not known */
const charactersPerToken = JSON.parse(root.dataset.charactersPerToken ?? "{}");

addCopyButtons(main);
watchScrollAreas(main);

try {
  const table = await fetchTable();
  const session = new Session(root, table, () => linkInspector());
  const view = new RecordingsView(
    main,
    (type) => familyOf(table, type),
    (request) => {
      reveal(root);
      play(request);
    },
  );
  let shown = "";
  /** When the newest request arrived that could be played so far; null before the first reading. */
  let newestAt = /** @type {number | null} */ (null);

  /** @param {RecordedRequest} request */
  function play({ name, at, about, ended, model }) {
    shown = name;
    view.mark(name);
    part(root, "inspect-note").hidden = true;
    setText(part(root, "shown-title"), `${timeOf(at)} · ${about.method} ${about.path}`);
    const ratio = entryIn(charactersPerToken, model ?? about.model) ?? charactersPerToken[""];
    session.play(ended === null ? arriving(name) : recorded(name), ratio);
  }

  /** The inspector opens the answer that has ended, with its times. */
  function linkInspector() {
    inspect.setAttribute("href", `/inspect#recording=${encodeURIComponent(shown)}`);
    part(root, "inspect-note").hidden = false;
  }

  const watch = new RecorderWatch(
    ({ requests, problem: words }) => {
      view.render(requests);
      view.mark(shown);
      clear.disabled = requests.length === 0;
      setText(problem, words);
      problem.hidden = words === "";
      // What the page finds when it is opened is older than the visitor's wish to see it play.
      const newest = requests.findLast(({ can_open }) => can_open);
      const isNew = newestAt !== null && newest !== undefined && newest.at > newestAt;
      if (isNew && follow.checked) play(newest);
      newestAt = Math.max(newestAt ?? 0, newest?.at ?? 0);
    },
    (words) => view.fail(words),
  );
  clear.addEventListener("click", () => watch.clear());
  watch.start();
} catch (error) {
  reportFailure(root, error, "Reload to retry.");
}
