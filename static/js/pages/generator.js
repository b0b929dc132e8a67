/** The generator's page: the program follows each change of the form. */

import { addAnnouncer, addCopyButtons, canCopy, copyOnClick } from "../views/copy.js";
import { element, part } from "../views/dom.js";
import { watchScrollAreas } from "../views/scroll-areas.js";

// Long enough for the next letter of a quick typist, short enough to feel at once.
const PAUSE_MS = 150;

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const form = /** @type {HTMLFormElement} */ (part(main, "form"));
const announcer = addAnnouncer(main);
let scrollAreasChanged = () => {};
let showNotes = false;
/** @type {AbortController | null} */
let asking = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  clearTimeout(soon);
  const { target } = event;
  const isTyping = target instanceof HTMLTextAreaElement || isText(target);
  soon = setTimeout(follow, isTyping ? PAUSE_MS : 0);
});

/** @param {EventTarget | null} target */
function isText(target) {
  return target instanceof HTMLInputElement && target.type !== "checkbox";
}

/** Ask the server for this page with the form's values, and take over what it says. */
async function follow() {
  asking?.abort();
  const asked = new AbortController();
  asking = asked;
  const result = part(main, "result");
  result.setAttribute("aria-busy", "true");
  try {
    const page = await fetchPage(asked.signal);
    showProblems(page);
    result.replaceWith(part(page, "result"));
    dress();
    const { address } = part(main, "result").dataset;
    if (address) history.replaceState(null, "", address);
  } catch (error) {
    if (asked.signal.aborted) return;
    result.setAttribute("aria-busy", "false");
    sayFailed(result, error instanceof Error ? error.message : String(error));
  }
}

/**
 * The program before the change stays, under a word that it is old.
 * @param {HTMLElement} result
 * @param {string} reason
 */
function sayFailed(result, reason) {
  result.querySelector('[data-part="failed"]')?.remove();
  const text = `The program could not be fetched, so this is still the one before. ${reason}. Change something to try again.`;
  const notice = element("p", "notice", text);
  notice.dataset.part = "failed";
  notice.setAttribute("role", "alert");
  result.prepend(notice);
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
 * Each field as the answer has it: what is wrong with it, and whether the language has it.
 * @param {Document} page
 */
function showProblems(page) {
  for (const field of form.querySelectorAll("[data-field]")) {
    const name = /** @type {HTMLElement} */ (field).dataset.field;
    const told = page.querySelector(`[data-field="${name}"]`);
    if (!told) continue;
    /** @type {HTMLElement} */ (field).hidden = /** @type {HTMLElement} */ (told).hidden;
    const [problem, news] = [field, told].map((one) => one.querySelector(".field-problem"));
    const [control, other] = [field, told].map((one) => one.querySelector("[id][name]"));
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

/** Bring a result to life. */
function dress() {
  scrollAreasChanged = watchScrollAreas(main);
  for (const lines of main.querySelectorAll('[data-part="lines"]')) addCopyButtons(lines);
  const notes = main.querySelector('[data-part="notes"]');
  const copy = main.querySelector('[data-part="copy"]');
  if (!notes || !copy) return;
  setNotes(notes);
  notes.addEventListener("click", () => {
    showNotes = !showNotes;
    setNotes(notes);
  });
  copy.toggleAttribute("hidden", !canCopy());
  copyOnClick(copy, codeText, announcer);
}

/** @param {Element} notes the button that opens and closes all of them */
function setNotes(notes) {
  notes.setAttribute("aria-pressed", String(showNotes));
  for (const note of main.querySelectorAll('details[data-part="note"]')) {
    note.toggleAttribute("open", showNotes);
  }
  scrollAreasChanged();
}

function codeText() {
  return [...main.querySelectorAll('[data-part="code"] pre code')]
    .map((code) => code.textContent)
    .join("");
}

dress();
