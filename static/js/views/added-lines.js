/** The lines of a program that a change has added, marked. */

import { addedLines } from "../generator/added-lines.js";
import { element } from "./dom.js";

/**
 * Mark the lines that a change has added to a program; style sheets let the marks fade.
 * @param {Element[]} blocks the program's `pre` elements, which end with their lines
 * @param {string} before the program's text before the change
 * @returns {number} how many lines are marked: 0 where most are new, since that is another program
 */
export function markAddedLines(blocks, before) {
  const texts = blocks.map((block) => block.textContent ?? "");
  const after = texts.join("").split("\n");
  const added = new Set(addedLines(before.split("\n"), after));
  if (2 * added.size > after.length) return 0;
  /** @type {HTMLElement[]} */
  const marks = [];
  let first = 0;
  for (const [index, block] of blocks.entries()) {
    const count = texts[index].split("\n").length - 1;
    for (let line = 0; line < count; line += 1) {
      if (!added.has(first + line)) continue;
      const mark = element("span", "added");
      mark.style.setProperty("--line", String(line));
      block.prepend(mark);
      marks.push(mark);
    }
    first += count;
  }
  if (marks[0]) marks[0].id = "added";
  return marks.length;
}
