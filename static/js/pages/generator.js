/** The generator's page: the program follows each change of the form. */

import { addAnnouncer, addCopyButtons, canCopy, copyOnClick } from "../views/copy.js";
import { element, part } from "../views/dom.js";
import { watchScrollAreas } from "../views/scroll-areas.js";

// Longer than the pause between two letters, and too short to be felt.
const PAUSE_MS = 150;

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const form = /** @type {HTMLFormElement} */ (part(main, "form"));
const announcer = addAnnouncer(main);
let scrollAreasChanged = () => {};
let showNotes = false;
/** @type {AbortController | null} the request in flight */
let pending = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", ({ target }) => {
  clearTimeout(timer);
  const isTyping =
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && target.type !== "checkbox");
  timer = setTimeout(follow, isTyping ? PAUSE_MS : 0);
});

/** Request this page with the values of the form, and show its result. */
async function follow() {
  pending?.abort();
  const controller = new AbortController();
  pending = controller;
  const result = part(main, "result");
  result.setAttribute("aria-busy", "true");
  try {
    const page = await fetchPage(controller.signal);
    showProblems(page);
    result.replaceWith(part(page, "result"));
    activate();
    const { address } = part(main, "result").dataset;
    if (address) history.replaceState(null, "", address);
  } catch (error) {
    if (controller.signal.aborted) return;
    result.setAttribute("aria-busy", "false");
    // The program from before the change stays, below a notice that it is old.
    result.querySelector('[data-part="failed"]')?.remove();
    const reason = error instanceof Error ? error.message : String(error);
    const text = `The program could not be fetched, so this is still the one before. ${reason}. Change something to try again.`;
    const notice = element("p", "notice", text);
    notice.dataset.part = "failed";
    notice.setAttribute("role", "alert");
    result.prepend(notice);
  }
}

/** @param {AbortSignal} signal */
async function fetchPage(signal) {
  const query = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  const isLong = query.toString().length > Number(form.dataset.longest);
  const response = isLong
    ? await fetch("/generator", { method: "POST", body: query, signal })
    : await fetch(`/generator?${query}`, { signal });
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/**
 * Update each field from the page that was received: what is wrong with its value, and whether
 * the language has the field.
 * @param {Document} page
 */
function showProblems(page) {
  const fields = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-field]"));
  for (const field of fields) {
    /** @type {HTMLElement | null} */
    const received = page.querySelector(`[data-field="${field.dataset.field}"]`);
    if (!received) continue;
    field.hidden = received.hidden;
    const [problem, news] = [field, received].map((one) => one.querySelector(".field-problem"));
    const [control, other] = [field, received].map((one) => one.querySelector("[id][name]"));
    if (problem instanceof HTMLElement && news instanceof HTMLElement) {
      problem.textContent = news.textContent;
      problem.hidden = news.hidden;
    }
    for (const attribute of ["aria-invalid", "aria-describedby"]) {
      const value = other?.getAttribute(attribute);
      if (value) control?.setAttribute(attribute, value);
      else control?.removeAttribute(attribute);
    }
  }
}

/** Add listeners and copy buttons to a result that is new in the page. */
function activate() {
  scrollAreasChanged = watchScrollAreas(main);
  for (const lines of main.querySelectorAll('[data-part="lines"]')) addCopyButtons(lines);
  const notes = main.querySelector('[data-part="notes"]');
  const copy = main.querySelector('[data-part="copy"]');
  if (!notes || !copy) return;
  const setNotes = () => {
    notes.setAttribute("aria-pressed", String(showNotes));
    for (const note of main.querySelectorAll('details[data-part="note"]')) {
      note.toggleAttribute("open", showNotes);
    }
    scrollAreasChanged();
  };
  setNotes();
  notes.addEventListener("click", () => {
    showNotes = !showNotes;
    setNotes();
  });
  copy.toggleAttribute("hidden", !canCopy);
  const code = main.querySelectorAll('[data-part="code"] pre code');
  copyOnClick(copy, () => [...code].map((one) => one.textContent).join(""), announcer);
}

activate();
