/** The generator's page: the program follows each change of the form. */

import { markAddedLines } from "../views/added-lines.js";
import { addAnnouncer, addCopyButtons, copyOnClick } from "../views/copy.js";
import { element, optionalPart, part } from "../views/dom.js";
import { watchScrollAreas } from "../views/scroll-areas.js";

// Longer than the pause between two letters, and too short to be felt.
const PAUSE_MS = 150;

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const form = /** @type {HTMLFormElement} */ (part(main, "form"));
const announcer = addAnnouncer(main);
let scrollAreasChanged = () => {};
let showNotes = false;
/** The page's address without its fragment. */
let address = location.pathname + location.search;
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

part(main, "presets").addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  setValues(JSON.parse(link.dataset.values ?? "{}"));
  // A preset changes much at once, so it can be taken back.
  history.pushState(null, "", location.href);
  follow();
});
addEventListener("popstate", () => {
  // Jumps within the page are steps of the history too.
  if (location.pathname + location.search !== address) location.reload();
});

/** @param {Record<string, string>} values */
function setValues(values) {
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement && control.type === "hidden") continue;
    const { name } = /** @type {HTMLInputElement} */ (control);
    if (!(name in values)) continue;
    if (control instanceof HTMLInputElement && control.type === "checkbox") {
      control.checked = values[name] === control.value;
    } else {
      /** @type {HTMLInputElement | HTMLSelectElement} */ (control).value = values[name];
    }
  }
}

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
    if (optionalPart(page, "code") || !optionalPart(result, "code")) show(page);
    else keepResult("fix ", ...invalidFields());
  } catch (error) {
    if (controller.signal.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    keepResult(`the new one could not be fetched (${reason}). Change something to try again`);
  }
  result.setAttribute("aria-busy", "false");
}

/** @param {AbortSignal} signal */
async function fetchPage(signal) {
  const query = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  const isLong = query.toString().length > Number(form.dataset.longest);
  const response = isLong
    ? await fetch("/generator", { method: "POST", body: query, signal })
    : await fetch(`/generator?${query}`, { signal });
  // With invalid values the page is a 400.
  if (!response.ok && response.status !== 400) throw new Error(`Status ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/**
 * Update each field from the page that was received: what is wrong with its value, what may
 * surprise about it, and whether the language has the field.
 * @param {Document} page
 */
function showProblems(page) {
  const fields = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-field]"));
  for (const field of fields) {
    /** @type {HTMLElement | null} */
    const received = page.querySelector(`[data-field="${field.dataset.field}"]`);
    if (!received) continue;
    field.hidden = received.hidden;
    for (const name of [".field-problem", ".field-note"]) {
      const [text, news] = [field, received].map((one) => one.querySelector(name));
      if (text && news) text.textContent = news.textContent;
    }
    const [control, other] = [field, received].map((one) => one.querySelector("[id][name]"));
    if (control && other) copyAttribute(control, other, "aria-invalid");
  }
  const more = part(form, "more");
  if (more.querySelector("[aria-invalid]")) more.toggleAttribute("open", true);
}

/** @param {Document} page */
function updatePresets(page) {
  const [links, news] = [main, page].map((root) => part(root, "presets").querySelectorAll("a"));
  for (const [index, link] of links.entries()) {
    for (const name of ["href", "data-values", "aria-current"]) {
      copyAttribute(link, news[index], name);
    }
  }
}

/**
 * @param {Element} to
 * @param {Element} from
 * @param {string} name
 */
function copyAttribute(to, from, name) {
  const value = from.getAttribute(name);
  if (value === null) to.removeAttribute(name);
  else to.setAttribute(name, value);
}

/** Links to the fields that are invalid, with commas between them. */
function invalidFields() {
  /** @type {NodeListOf<HTMLInputElement>} */
  const controls = form.querySelectorAll("[aria-invalid]");
  return [...controls].flatMap((control, index) => {
    const link = element("a", "", control.labels?.[0]?.textContent ?? "");
    link.setAttribute("href", `#${control.id}`);
    return index ? [", ", link] : [link];
  });
}

/**
 * Replace the result by that of the page that was received.
 * @param {Document} page
 */
function show(page) {
  const before = programText();
  part(main, "result").replaceWith(part(page, "result"));
  activate();
  const result = part(main, "result");
  if (result.dataset.address) {
    address = result.dataset.address;
    history.replaceState(null, "", address);
  }
  const bar = optionalPart(result, "bar");
  announcer.textContent = bar?.dataset.summary ?? part(result, "old").textContent;
  if (!bar) return;
  updatePresets(page);
  const count = before && markAddedLines(codeBlocks(), before);
  if (!count) return;
  const added = part(bar, "added");
  added.textContent = `+${count}`;
  added.setAttribute("href", "#added");
  added.setAttribute("aria-label", `+${count}: to the first added line`);
  added.hidden = false;
}

/**
 * Keep the result of before the change, and say why.
 * @param {...(string | Node)} reason
 */
function keepResult(...reason) {
  const result = part(main, "result");
  const old = part(result, "old");
  const what = optionalPart(result, "code") ? "Still the program before: " : "No program yet: ";
  old.replaceChildren(what, ...reason, ".");
  old.hidden = false;
  announcer.textContent = old.textContent;
  result.classList.add("is-old");
  const body = optionalPart(result, "result-body");
  body?.setAttribute("role", "group");
  body?.setAttribute("aria-label", "The program before");
  body?.setAttribute("aria-disabled", "true");
  for (const name of ["copy", "download"]) {
    const control = optionalPart(result, name);
    if (control instanceof HTMLButtonElement) control.disabled = true;
    // A link without an address is a disabled link.
    else control?.removeAttribute("href");
  }
}

/** The program's `pre` elements. */
function codeBlocks() {
  return [...main.querySelectorAll('[data-part="code"] pre')];
}

function programText() {
  return codeBlocks()
    .map((block) => block.textContent)
    .join("");
}

/** Add listeners and copy buttons to a result that is new in the page. */
function activate() {
  scrollAreasChanged = watchScrollAreas(main);
  const lines = optionalPart(main, "lines");
  if (!lines) return;
  addCopyButtons(lines, announcer);
  const notes = part(main, "notes");
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
  const file = part(main, "bar").dataset.file ?? "";
  copyOnClick(part(main, "copy"), file, programText, announcer);
}

activate();
