// Tells screen readers of a growing text, by whole sentences.

// #region announce
/**
 * A function that is called with all of the text so far, and at the end with `isWhole`.
 * @param {Element} region has `aria-live="polite"`, and is visually hidden
 */
export function announcer(region) {
  region.replaceChildren();
  let said = 0;
  return (/** @type {string} */ text, isWhole = false) => {
    const ends = [...text.matchAll(/[.!?:]\s|\n\n|[。！？]/g)];
    const end = isWhole ? text.length : (ends.at(-1)?.index ?? -1) + 1;
    if (end <= said) return;
    const sentences = document.createElement("p");
    sentences.textContent = text.slice(said, end);
    region.append(sentences);
    said = end;
  };
}
// #endregion
