/** The part of a page in which a stream plays. */

import { part } from "./dom.js";

// Seven lines of text: enough to see what happens.
const ENOUGH_PX = 170;

/**
 * Scroll the stage into the window: all of it where it fits, else enough of it. For what a visitor
 * has just started; nothing scrolls the page while a stream plays.
 * @param {HTMLElement} root has the stage, with the text in it
 */
export function reveal(root) {
  const stage = part(root, "stage");
  const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(document.documentElement);
  const above = Number.parseFloat(scrollPaddingTop) || 0;
  const below = window.innerHeight - (Number.parseFloat(scrollPaddingBottom) || 0);
  const text = part(root, "answer").getBoundingClientRect();
  const visible = Math.min(text.bottom, below) - Math.max(text.top, above);
  const { top, height } = stage.getBoundingClientRect();
  if (height <= below - above || visible < ENOUGH_PX || top < above) {
    stage.scrollIntoView({ block: "nearest" });
  }
}
