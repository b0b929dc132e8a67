/** Copy buttons on code, which say "Copied". */

const COPIED_MS = 2000;

/** @param {Element} scope what holds blocks of code, each an element with class `highlight` */
export function addCopyButtons(scope) {
  // Without a secure context there is no clipboard, and so no button.
  if (!navigator.clipboard) return;
  const announcer = document.createElement("p");
  announcer.className = "visually-hidden";
  announcer.setAttribute("role", "status");
  scope.append(announcer);
  for (const block of scope.querySelectorAll(".highlight")) {
    const code = block.querySelector("code");
    if (code) block.append(copyButton(code, announcer));
  }
}

/**
 * @param {Element} code
 * @param {Element} announcer
 */
function copyButton(code, announcer) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const copied = await copy(code.textContent ?? "");
    button.textContent = copied ? "Copied" : "Failed";
    announcer.textContent = copied ? "Copied" : "The browser did not allow copying";
    setTimeout(() => {
      button.textContent = "Copy";
      announcer.textContent = "";
    }, COPIED_MS);
  });
  return button;
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
