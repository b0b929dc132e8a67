/** Copy buttons on code, which say "Copied". */

import { element } from "./dom.js";

const COPIED_MS = 2000;

/** Without a secure context there is no clipboard, and so no button. */
export const canCopy = Boolean(navigator.clipboard);

/** @param {Element} scope has blocks of code, each an element with class `highlight` */
export function addCopyButtons(scope) {
  if (!canCopy) return;
  const announcer = addAnnouncer(scope);
  for (const block of scope.querySelectorAll(".highlight")) {
    const code = block.querySelector("code");
    if (!code) continue;
    const button = /** @type {HTMLButtonElement} */ (element("button", "copy", "Copy"));
    button.type = "button";
    copyOnClick(button, () => code.textContent ?? "", announcer);
    block.append(button);
  }
}

/**
 * A live region that announces copying to those who do not see the button.
 * @param {Element} scope
 */
export function addAnnouncer(scope) {
  const announcer = element("p", "visually-hidden");
  announcer.setAttribute("role", "status");
  scope.append(announcer);
  return announcer;
}

/**
 * @param {Element} button
 * @param {() => string} text
 * @param {Element} announcer
 */
export function copyOnClick(button, text, announcer) {
  /** @type {(label: string, announcement: string) => void} */
  const show = (label, announcement) => {
    button.textContent = label;
    announcer.textContent = announcement;
  };
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      show("Copied", "Copied");
    } catch {
      // The visitor or a policy refused.
      show("Failed", "The browser did not allow copying");
    }
    setTimeout(() => show("Copy", ""), COPIED_MS);
  });
}
