/** Copy buttons on code, which say "Copied". */

import { element } from "./dom.js";

const COPIED_MS = 2000;

/** Whether a text can be copied. A page without a secure context has no clipboard. */
export const canCopy = Boolean(navigator.clipboard) || document.queryCommandSupported("copy");

/** @param {Element} scope has blocks of code, each an element with class `highlight` */
export function addCopyButtons(scope) {
  if (!canCopy) return;
  const announcer = addAnnouncer(scope);
  let heading = "";
  for (const block of scope.querySelectorAll("h1, h2, h3, .highlight")) {
    const code = block.querySelector(".highlight > pre > code");
    if (!block.matches(".highlight")) heading = ownText(block);
    else if (code) {
      const button = /** @type {HTMLButtonElement} */ (element("button", "copy", "Copy"));
      button.type = "button";
      copyOnClick(button, () => code.textContent ?? "", announcer, `Copy: ${heading}`);
      block.append(button);
    }
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
 * @param {string} [name] tells the button from others, for those who do not see where it stands
 */
export function copyOnClick(button, text, announcer, name = "Copy") {
  /** @type {(label: string, name: string, announcement: string) => void} */
  const show = (label, name, announcement) => {
    button.textContent = label;
    button.setAttribute("aria-label", name);
    announcer.textContent = announcement;
  };
  show("Copy", name, "");
  button.addEventListener("click", async () => {
    try {
      await copy(text());
      show("Copied", "Copied", "Copied");
    } catch {
      // The visitor or a policy refused.
      show("Failed", "Failed", "The browser did not allow copying");
    }
    setTimeout(() => show("Copy", name, ""), COPIED_MS);
  });
}

/** @param {string} text */
async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const area = /** @type {HTMLTextAreaElement} */ (element("textarea", "visually-hidden", text));
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  if (!isCopied) throw new Error("The browser refused");
}

/**
 * A heading's text without its link and its notes.
 * @param {Element} heading
 */
function ownText(heading) {
  const copy = /** @type {Element} */ (heading.cloneNode(true));
  for (const other of copy.querySelectorAll(".permalink, span")) other.remove();
  return copy.textContent?.trim() ?? "";
}
