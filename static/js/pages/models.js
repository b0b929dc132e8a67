/** The page that compares models: its table follows each change of the form. */

import { part, setText } from "../views/dom.js";
import { followForm } from "./follow-form.js";

const form = /** @type {HTMLFormElement} */ (part(document, "form"));
const summary = part(document, "summary");
const follow = followForm(
  form,
  (page) => {
    part(document, "result").replaceWith(part(page, "result"));
    setText(summary, part(page, "summary").textContent ?? "");
  },
  (reason) => {
    const still = "The table could not be fetched, so this is still the one before.";
    setText(summary, `${still} ${reason}. Change something to try again.`);
  },
);

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
