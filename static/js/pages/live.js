/** The live page: a form, and the player that it needs once somebody asks. */

import { part } from "../views/dom.js";
import { QuestionView } from "../views/question.js";

const root = /** @type {HTMLElement} */ (document.querySelector("[data-stage]"));
const form = /** @type {HTMLFormElement} */ (document.querySelector('[data-part="form"]'));

/** @type {Promise<import("./asking.js").Asking> | null} */
let loading = null;

function load() {
  loading ??= import("./asking.js").then(({ Asking }) => Asking.load(root, question));
  // What failed can be tried again.
  loading.catch(() => {
    loading = null;
  });
  return loading;
}

async function ask() {
  // Loading takes a moment, in which nobody should ask twice.
  question.canAsk = false;
  try {
    (await load()).start();
  } catch (error) {
    question.canAsk = true;
    const status = part(root, "status");
    status.dataset.kind = "failed";
    status.textContent = "The player could not start";
    const reason = error instanceof Error ? error.message : String(error);
    part(root, "noticed").textContent = `${reason} Nothing was sent. Ask again to retry.`;
  }
}

const question = new QuestionView(form, ask);

for (const sign of ["pointerenter", "focusin"]) {
  form.addEventListener(sign, () => load().catch(() => {}), { once: true });
}
