/** The live page: a form, and the player, which is loaded once a visitor is about to ask. */

import { lazily, part, reportFailure } from "../views/dom.js";
import { QuestionView } from "../views/question.js";
import { reveal } from "../views/stage.js";

const root = /** @type {HTMLElement} */ (document.querySelector("[data-stream-panel]"));
const form = /** @type {HTMLFormElement} */ (part(document, "form"));
const question = new QuestionView(form, ask);
const getSession = lazily(async () => {
  const { LiveSession, fetchTable } = await import("./live-session.js");
  return new LiveSession(root, await fetchTable(), question);
});

async function ask() {
  // Loading takes a moment, in which a second click must not send a second request.
  question.canAsk = false;
  reveal(root);
  try {
    (await getSession()).start();
  } catch (error) {
    question.canAsk = true;
    reportFailure(root, error, "Nothing was sent. Ask again to retry.");
  }
}

for (const sign of ["pointerenter", "focusin"]) {
  form.addEventListener(sign, () => getSession().catch(() => {}), { once: true });
}
