/** The page that compares models: its table follows each change of the form. */

import { part, setText } from "../views/dom.js";

// Longer than the pause between two digits, and too short to be felt.
const PAUSE_MS = 150;

const form = /** @type {HTMLFormElement} */ (part(document, "form"));
const summary = part(document, "summary");
/** @type {AbortController | null} the request in flight */
let pending = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", ({ target }) => {
  clearTimeout(timer);
  const isTyping = target instanceof HTMLInputElement && target.type === "text";
  timer = setTimeout(follow, isTyping ? PAUSE_MS : 0);
});

// A heading sorts through the fields that say the same, which the next change sends too.
document.addEventListener("click", async (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-sort]") : null;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!(link instanceof HTMLAnchorElement) || !isPlain) return;
  event.preventDefault();
  const query = new URL(link.href).searchParams;
  const { sort, reverse } = /** @type {any} */ (form.elements);
  sort.value = link.dataset.sort;
  reverse.value = query.has("reverse") ? "1" : "0";
  await follow();
  const heading = document.querySelector(`[data-sort="${link.dataset.sort}"]`);
  if (heading instanceof HTMLElement) heading.focus();
});

/** Request this page with the values of the form, and show its table. */
async function follow() {
  pending?.abort();
  const controller = new AbortController();
  pending = controller;
  const result = part(document, "result");
  result.setAttribute("aria-busy", "true");
  try {
    const query = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    const response = await fetch(`/models?${query}`, { signal: controller.signal });
    // A query with problems is a page too.
    if (!response.ok && response.status !== 400) {
      throw new Error(`The site answered ${response.status}`);
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const received = part(page, "result");
    showProblems(page);
    result.replaceWith(received);
    setText(summary, part(page, "summary").textContent ?? "");
    if (received.dataset.address) history.replaceState(null, "", received.dataset.address);
  } catch (error) {
    if (controller.signal.aborted) return;
    result.setAttribute("aria-busy", "false");
    const reason = error instanceof Error ? error.message : String(error);
    setText(
      summary,
      `The table could not be fetched, so this is still the one before. ${reason}. Change something to try again.`,
    );
  }
}

/**
 * Say at each field what the page that was received says there.
 * @param {Document} page
 */
function showProblems(page) {
  for (const field of form.querySelectorAll("[data-field]")) {
    const name = /** @type {HTMLElement} */ (field).dataset.field;
    const received = page.getElementById(`${name}-problem`);
    const problem = document.getElementById(`${name}-problem`);
    if (!received || !problem) continue;
    problem.textContent = received.textContent;
    problem.hidden = received.hidden;
    const control = field.querySelector("[name]");
    if (received.hidden) control?.removeAttribute("aria-invalid");
    else control?.setAttribute("aria-invalid", "true");
  }
}
