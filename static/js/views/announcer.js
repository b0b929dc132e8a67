/**
 * What a screen reader hears: the status when it changes, and the text in sentences,
 * politely and not letter by letter.
 */

// Shorter pieces than this wait for more text.
const SHORTEST_PIECE = 80;
// Longer ones are not listened to, and would be laid out at once.
const LONGEST_PIECE = 20_000;

export class Announcer {
  #region;
  #label = "";
  /** What was received and is not yet announced, up to a place in the text of a block. */
  #pending = "";
  #block = 0;
  #read = 0;
  #generation = -1;

  /** @param {HTMLElement} region an element with aria-live="polite" */
  constructor(region) {
    this.#region = region;
  }

  /**
   * @param {import("../player/player.js").Player} player
   * @param {import("../player/status.js").Status} status
   */
  render(player, status) {
    if (this.#generation !== player.generation) {
      this.#generation = player.generation;
      this.#pending = "";
      this.#block = 0;
      this.#read = 0;
    }
    if (status.kind === "loading") return;
    const text = this.#newSentences(player);
    if (status.label !== this.#label) {
      this.#label = status.label;
      this.say(`${text} ${status.label}. ${status.advice}`);
    } else if (text !== "") this.say(text);
  }

  /** @param {string} text */
  say(text) {
    this.#region.textContent = text.trim();
  }

  /** @param {import("../player/player.js").Player} player */
  #newSentences(player) {
    const isOver = player.phase === "ended";
    this.#readOn(player.assembly.blocks, isOver ? 0 : player.pending);
    const shown = this.#pending;
    if (!isOver && shown.length < SHORTEST_PIECE) return "";
    const end = isOver ? shown.length : lastSentenceEnd(shown);
    this.#pending = shown.slice(end);
    return shown.slice(0, end);
  }

  /**
   * Only what is new is looked at, however long the answer is.
   * @param {import("../protocol/message.js").WireObject[]} blocks
   * @param {number} pending how much of the last text is not yet shown
   */
  #readOn(blocks, pending) {
    for (; this.#block < blocks.length; this.#block += 1) {
      const isLast = this.#block === blocks.length - 1;
      const text = blocks[this.#block].text ?? "";
      const end = Math.max(this.#read, text.length - (isLast ? pending : 0));
      this.#pending = (this.#pending + text.slice(this.#read, end)).slice(0, LONGEST_PIECE);
      this.#read = isLast ? end : 0;
      if (isLast) return;
    }
  }
}

/** @param {string} text */
function lastSentenceEnd(text) {
  const ends = [...text.matchAll(/[.!?。！？।]\s*|\n/gu)];
  const last = ends.at(-1);
  return last ? last.index + last[0].length : 0;
}
