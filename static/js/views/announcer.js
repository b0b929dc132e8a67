/**
 * What a screen reader announces: the status when it changes, and the text in sentences, politely
 * and not letter by letter. Nothing before the visitor has done something with the stream.
 */

// A shorter piece waits for more text.
const SHORTEST_PIECE = 80;
// Nobody listens to a longer one, which would be laid out at once.
const LONGEST_PIECE = 20_000;

export class Announcer {
  /** Whether the visitor has done something. */
  isOn = false;

  #region;
  #label = "";
  /** Text that is shown but not yet announced. */
  #pending = "";
  /** Up to where text was taken: a block, and a place in its text. */
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
  render({ generation, phase, assembly, pending }, { kind, label, advice }) {
    if (this.#generation !== generation) {
      this.#generation = generation;
      this.#pending = "";
      this.#block = 0;
      this.#read = 0;
    }
    if (kind === "loading") return;
    const isOver = phase === "ended";
    this.#take(assembly.blocks, isOver ? 0 : pending);
    if (!this.isOn) {
      // What was shown until then is passed over.
      this.#pending = "";
      this.#label = label;
      return;
    }
    let end = isOver ? this.#pending.length : 0;
    // While the stream stands still, each step is announced instead of its text.
    if (phase === "playing" && this.#pending.length >= SHORTEST_PIECE) {
      const last = [...this.#pending.matchAll(/[.!?。！？।]\s*|\n/gu)].at(-1);
      if (last) end = last.index + last[0].length;
    }
    const text = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end);
    if (label !== this.#label) {
      this.#label = label;
      this.say(`${text} ${label}. ${advice}`);
    } else if (text !== "") this.say(text);
  }

  /** @param {string} text */
  say(text) {
    if (this.isOn) this.#region.textContent = text.trim();
  }

  /**
   * Take the text that is new, without reading a long answer again.
   * @param {import("../protocol/message.js").WireObject[]} blocks
   * @param {number} hidden how much of the last block's text is not yet shown
   */
  #take(blocks, hidden) {
    for (; this.#block < blocks.length; this.#block += 1) {
      const isLast = this.#block === blocks.length - 1;
      const text = blocks[this.#block].text ?? "";
      const end = Math.max(this.#read, text.length - (isLast ? hidden : 0));
      this.#pending = (this.#pending + text.slice(this.#read, end)).slice(0, LONGEST_PIECE);
      this.#read = isLast ? end : 0;
      if (isLast) return;
    }
  }
}
