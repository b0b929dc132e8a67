/** A form that is followed: each change shows what the server renders for its values. */

import { part } from "../views/dom.js";

// Longer than the pause between two letters, and too short to be felt.
const PAUSE_MS = 150;
const TYPED = "textarea, input:not([type=checkbox])";

/**
 * Follow a form, and say at its fields what the server says there. The server renders the page of
 * the form's `action`, with a result as `data-part="result"`: its `data-address`, where it has one,
 * becomes the address.
 * @param {HTMLFormElement} form its fields have `data-field`
 * @param {(page: Document) => void} show puts into place what the page that was received shows
 * @param {(reason: string) => void} fail says why there is none
 * @returns {() => Promise<void>} follows at once
 */
export function followForm(form, show, fail) {
  let controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function follow() {
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    part(document, "result").setAttribute("aria-busy", "true");
    try {
      const page = await fetchPage(form, signal);
      updateFields(form, page);
      const { address } = part(page, "result").dataset;
      if (address) history.replaceState(null, "", address);
      show(page);
    } catch (error) {
      if (signal.aborted) return;
      fail(error instanceof Error ? error.message : String(error));
    }
    part(document, "result").removeAttribute("aria-busy");
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    clearTimeout(timer);
    timer = setTimeout(follow, target instanceof Element && target.matches(TYPED) ? PAUSE_MS : 0);
  });
  return follow;
}

/**
 * The page that the server renders for the form's values; those too long for an address are posted.
 * @param {HTMLFormElement} form has the longest query as `data-longest`, if it may be posted
 * @param {AbortSignal} signal
 */
async function fetchPage(form, signal) {
  const query = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  const isLong = query.toString().length > Number(form.dataset.longest);
  const response = isLong
    ? await fetch(form.action, { method: "POST", body: query, signal })
    : await fetch(`${form.action}?${query}`, { signal });
  // With invalid values the page is a 400.
  if (!response.ok && response.status !== 400) {
    throw new Error(`The site answered ${response.status}`);
  }
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/**
 * Update each field from the page that was received: what is wrong with its value, what may
 * surprise about it, and whether it is there at all.
 * @param {HTMLFormElement} form
 * @param {Document} page
 */
function updateFields(form, page) {
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
}

/**
 * @param {Element} to
 * @param {Element} from
 * @param {string} name
 */
export function copyAttribute(to, from, name) {
  const value = from.getAttribute(name);
  if (value === null) to.removeAttribute(name);
  else to.setAttribute(name, value);
}
