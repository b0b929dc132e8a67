/**
 * What a screen reader hears: the status when it changes, and the text in sentences,
 * politely and not letter by letter.
 */

// Shorter pieces than this wait for more text.
const SHORTEST_PIECE = 80;

export class Announcer {
  #region;
  #label = "";
  #said = 0;
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
      this.#said = 0;
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
    const text = player.assembly.blocks.map((block) => block?.text ?? "").join("");
    const isOver = player.phase === "ended";
    const shown = text.slice(this.#said, text.length - (isOver ? 0 : player.untyped));
    if (!isOver && shown.length < SHORTEST_PIECE) return "";
    const end = isOver ? shown.length : lastSentenceEnd(shown);
    this.#said += end;
    return shown.slice(0, end);
  }
}

/** @param {string} text */
function lastSentenceEnd(text) {
  const ends = [...text.matchAll(/[.!?。！？।]\s*|\n/gu)];
  const last = ends.at(-1);
  return last ? last.index + last[0].length : 0;
}
