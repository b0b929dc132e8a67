/** Copy buttons on code, which say "Copied". */

const COPIED_MS = 2000;

/** @param {Element} scope what holds blocks of code, each an element with class `highlight` */
export function addCopyButtons(scope) {
  if (!canCopy()) return;
  const announcer = addAnnouncer(scope);
  for (const block of scope.querySelectorAll(".highlight")) {
    const code = block.querySelector("code");
    if (!code) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    copyOnClick(button, () => code.textContent ?? "", announcer);
    block.append(button);
  }
}

/** Without a secure context there is no clipboard, and so no button. */
export function canCopy() {
  return Boolean(navigator.clipboard);
}

/**
 * Where copying is announced to those who do not see the button.
 * @param {Element} scope
 */
export function addAnnouncer(scope) {
  const announcer = document.createElement("p");
  announcer.className = "visually-hidden";
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
  button.addEventListener("click", async () => {
    const copied = await copy(text());
    button.textContent = copied ? "Copied" : "Failed";
    announcer.textContent = copied ? "Copied" : "The browser did not allow copying";
    setTimeout(() => {
      button.textContent = "Copy";
      announcer.textContent = "";
    }, COPIED_MS);
  });
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // The visitor or a policy said no.
  }
}
