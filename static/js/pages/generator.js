/** The generator's page: the program follows each change of the form. */

import { markAddedLines } from "../views/added-lines.js";
import { addAnnouncer, addCopyButtons, copyOnClick } from "../views/copy.js";
import { element, optionalPart, part } from "../views/dom.js";
import { watchScrollAreas } from "../views/scroll-areas.js";
import { copyAttribute, followForm } from "./follow-form.js";

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const form = /** @type {HTMLFormElement} */ (part(main, "form"));
const announcer = addAnnouncer(main);
let scrollAreasChanged = () => {};
let showNotes = false;
/** The page's address without its fragment. */
let address = location.pathname + location.search;
const follow = followForm(
  form,
  (page) => {
    const more = part(form, "more");
    if (more.querySelector("[aria-invalid]")) more.toggleAttribute("open", true);
    if (optionalPart(page, "code") || !optionalPart(main, "code")) show(page);
    else keepResult("fix ", ...invalidFields());
  },
  (reason) => {
    keepResult(`the new one could not be fetched. ${reason}. Change something to try again`);
  },
);

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

/** @param {Document} page */
function updatePresets(page) {
  const [links, news] = [main, page].map((root) => part(root, "presets").querySelectorAll("a"));
  for (const [index, link] of links.entries()) {
    for (const name of ["href", "data-values", "aria-current"]) {
      copyAttribute(link, news[index], name);
    }
  }
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
  address = location.pathname + location.search;
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
 * Keep the previous result, and say why.
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
