/** Copy buttons on code, which say "Copied". */

import { element } from "./dom.js";

const COPIED_MS = 2000;

/**
 * Each button is named after the heading above its code.
 * @param {Element} scope has blocks of code, each an element with class `highlight`
 */
export function addCopyButtons(scope, announcer = addAnnouncer(scope)) {
  let heading = "";
  /** @type {Map<string, number>} */
  const numbers = new Map();
  for (const found of scope.querySelectorAll("h1, h2, h3, h4, .highlight")) {
    if (!found.matches(".highlight")) {
      heading = headingText(found);
      continue;
    }
    const code = found.querySelector("code");
    if (!code) continue;
    const number = (numbers.get(heading) ?? 0) + 1;
    numbers.set(heading, number);
    const name = number > 1 ? `${heading}, ${number}` : heading;
    const button = /** @type {HTMLButtonElement} */ (element("button", "copy"));
    button.type = "button";
    copyOnClick(button, name, () => code.textContent ?? "", announcer);
    found.append(button);
  }
}

/**
 * The text of a heading itself, without the link to it and its remarks.
 * @param {Element} heading
 */
function headingText(heading) {
  const nodes = [...heading.childNodes].filter(
    (node) => !(node instanceof Element && node.matches(".permalink, span, svg")),
  );
  return nodes
    .map((node) => node.textContent)
    .join("")
    .trim();
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
 * @param {string} name what it copies
 * @param {() => string} text
 * @param {Element} announcer
 */
export function copyOnClick(button, name, text, announcer) {
  /** @type {(label: string, announcement: string) => void} */
  const show = (label, announcement) => {
    button.textContent = label;
    button.setAttribute("aria-label", `${label}: ${name}`);
    announcer.textContent = announcement;
  };
  show("Copy", "");
  button.addEventListener("click", async () => {
    try {
      await copy(text());
      show("Copied", "Copied");
    } catch {
      // The visitor or a policy refused.
      show("Failed", "The browser did not allow copying");
    }
    setTimeout(() => show("Copy", ""), COPIED_MS);
  });
}

/**
 * Without a secure context, as over http from another machine, there is no `navigator.clipboard`.
 * There `execCommand` still copies what is selected.
 * @param {string} text
 */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const focused = document.activeElement;
  const area = /** @type {HTMLTextAreaElement} */ (element("textarea", "visually-hidden"));
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  if (!isCopied) throw new Error("execCommand refused");
}
