/** The answer as a person reads it: blocks in order, with their text as it is received. */

import { jsonOf, parseJson, short, stringIn } from "../protocol/read.js";
import { element, isAtEnd, shortened } from "./dom.js";

/** @typedef {import("../protocol/message.js").Span} Span */
/** @typedef {import("../protocol/message.js").WireObject} WireObject */

// A paragraph's box ends at the first line end after this many characters, so that new text lays
// out only the end of a long answer again.
const LONG_PARAGRAPH = 1500;
// Text without line ends is divided anywhere.
const LONGEST_PARAGRAPH = 4000;
// Far more than an answer has. The rest is in the events, and is not laid out.
const MOST_SHOWN = 1_000_000;
const MOST_CITED = 50;
// The name of the highlight in style sheets. Browsers that have no highlights mark nothing.
const MARK = "event";
const TOO_MUCH = `Only the first ${MOST_SHOWN.toLocaleString("en")} characters are shown.`;

export class AnswerView {
  /** @type {string[]} texts of earlier requests for the same answer, which stay above this one */
  kept = [];

  #root;
  #generation = -1;
  /** @type {BlockView[]} */
  #blocks = [];
  #isFollowing = true;

  /**
   * @param {HTMLElement} root the scroller that holds the answer
   * @param {(place: number, offset: number) => void} onPoint called with the character that the
   *   visitor points at: its block, or -1 for none, and its place in the block's text
   */
  constructor(root, onPoint) {
    this.#root = root;
    // It follows the end of the text until the visitor scrolls up from there. A pane that has lost
    // room is not at its end either.
    let top = 0;
    root.addEventListener("scroll", () => {
      if (isAtEnd(root)) this.#isFollowing = true;
      else if (root.scrollTop < top) this.#isFollowing = false;
      top = root.scrollTop;
    });
    // What is said of an ending takes room from the text.
    new ResizeObserver(() => this.#followEnd()).observe(root);
    root.addEventListener("pointermove", ({ target, clientX, clientY }) => {
      const body = target instanceof Element ? target.closest(".block-body") : null;
      const place = body ? this.#blocks.findIndex(({ root }) => root.contains(body)) : -1;
      const caret = document.caretPositionFromPoint?.(clientX, clientY);
      onPoint(place, this.#blocks[place]?.offsetOf(caret) ?? -1);
    });
    root.addEventListener("pointerleave", () => onPoint(-1, -1));
  }

  /**
   * Mark the characters of an event.
   * @param {Span | null} span
   * @param {boolean} mayScroll to them
   */
  mark(span, mayScroll) {
    if (!("highlights" in CSS)) return;
    CSS.highlights.delete(MARK);
    const range = span && this.#blocks[span.place]?.rangeOf(span);
    if (!range) return;
    CSS.highlights.set(MARK, new Highlight(range));
    if (!mayScroll) return;
    const pane = this.#root.getBoundingClientRect();
    const { top, bottom } = range.getBoundingClientRect();
    if (top < pane.top) this.#root.scrollTop -= pane.top - top;
    else if (bottom > pane.bottom) this.#root.scrollTop += bottom - pane.bottom;
  }

  /** @param {import("../player/player.js").Player} player */
  render({ assembly, generation, log, count, pending, phase }) {
    const { blocks, streamed } = assembly;
    if (this.#generation !== generation) {
      this.#generation = generation;
      this.#blocks = [];
      this.#root.replaceChildren();
      for (const text of this.kept) {
        const block = element("div", "block block-text block-kept");
        block.append(element("div", "block-body", text));
        this.#root.append(block, element("p", "join", "Ended here; another request goes on"));
      }
      this.#isFollowing = true;
    }
    const typed = assembly.placeOf(log.events[count - 1]?.data?.index);
    let isChanged = false;
    for (const [index, block] of blocks.entries()) {
      if (!this.#blocks[index]) {
        this.#blocks[index] = new BlockView(block);
        this.#root.append(this.#blocks[index].root);
      }
      const hidden = index === typed ? pending : 0;
      const text = streamed[index].slice(0, streamed[index].length - hidden);
      isChanged = this.#blocks[index].update(block, text) || isChanged;
    }
    if (phase === "ended" && !log.isStream) this.#showBody(log);
    if (isChanged) this.#followEnd();
  }

  #followEnd() {
    if (this.#isFollowing) this.#root.scrollTop = this.#root.scrollHeight;
  }

  /**
   * Show a body that is no stream.
   * @param {import("../stream/event-log.js").EventLog} log
   */
  #showBody({ head, body }) {
    if (this.#root.querySelector(".block:not(.block-kept)")) return;
    const json = parseJson(body);
    const text = shortened(json === undefined ? body : jsonOf(json, 2));
    const block = element("div", "block block-tool");
    const label = element("p", "block-label", `HTTP ${head?.status}, ${head?.type}`);
    block.append(label, element("div", "block-body", text));
    this.#root.append(block);
  }
}

class BlockView {
  root = element("div");
  #body = element("div", "block-body");
  #notes = element("p", "block-notes");
  /** @type {{node: Text, start: number}[]} with where each begins in the block's text */
  #texts = [];
  /** @type {Text | null} */
  #tail = null;
  /** The length of the texts. */
  #length = 0;
  #shown = 0;

  /** @param {WireObject} block */
  constructor(block) {
    const { type = "", name } = block;
    let kind = "input" in block ? "tool" : "other";
    if (type === "text" || type === "thinking") kind = type;
    this.root.className = `block block-${kind}`;
    this.root.dataset.block = short(type);
    if (kind !== "text") {
      const title = type === "thinking" ? "Thinking" : short(type || "a block without a type");
      const label = kind !== "thinking" && "name" in block ? `${title}: ${short(name)}` : title;
      this.root.append(element("p", "block-label", label));
    }
    this.root.append(this.#body);
    if (kind === "other") {
      const size = jsonOf(block).length.toLocaleString("en");
      this.#append(`Arrived whole in content_block_start: ${size} characters of JSON.`);
      // The note is no text of the block's.
      this.#texts = [];
      this.#tail = null;
      this.#length = 0;
    }
  }

  /**
   * @param {WireObject} block
   * @param {string} text the text to show; it only ever grows
   * @returns {boolean} whether anything changed
   */
  update(block, text) {
    const isLonger = text.length > this.#shown;
    if (isLonger) this.#append(text.slice(this.#shown, MOST_SHOWN));
    if (text.length > MOST_SHOWN && this.#shown <= MOST_SHOWN) {
      this.root.append(element("p", "block-notes", TOO_MUCH));
    }
    this.#shown = text.length;
    const notes = notesOf(block);
    if (notes === this.#notes.textContent) return isLonger;
    this.#notes.textContent = notes;
    this.root.append(this.#notes);
    return true;
  }

  /**
   * The place of a caret in the block's text; -1 where it is in none.
   * @param {CaretPosition | null | undefined} caret
   */
  offsetOf(caret) {
    const found = this.#texts.find(({ node }) => node === caret?.offsetNode);
    return found && caret ? found.start + caret.offset : -1;
  }

  /**
   * The part of the text that is shown of a span; null where nothing is.
   * @param {Span} span
   */
  rangeOf({ start, end }) {
    const last = Math.min(end, this.#length);
    if (start >= last) return null;
    const range = new Range();
    const from = this.#texts.findLast((one) => one.start <= start);
    const to = this.#texts.findLast((one) => one.start < last);
    if (!from || !to) return null;
    range.setStart(from.node, start - from.start);
    range.setEnd(to.node, last - to.start);
    return range;
  }

  /** @param {string} text */
  #append(text) {
    let from = 0;
    while (from < text.length) {
      const room = Math.max(0, LONG_PARAGRAPH - (this.#tail?.length ?? 0));
      const most = from + Math.max(0, LONGEST_PARAGRAPH - (this.#tail?.length ?? 0));
      const lineEnd = text.slice(0, most).indexOf("\n", from + room);
      const to = lineEnd === -1 ? Math.min(most, text.length) : lineEnd + 1;
      if (!this.#tail) {
        this.#tail = new Text();
        this.#texts.push({ node: this.#tail, start: this.#length });
        const box = element("div");
        box.append(this.#tail);
        this.#body.append(box);
      }
      this.#tail.appendData(text.slice(from, to));
      this.#length += to - from;
      if (lineEnd !== -1 || to === most) this.#tail = null;
      from = to;
    }
  }
}

/** @param {WireObject} block */
function notesOf({ type, thinking, signature, citations }) {
  if (type === "thinking" && thinking === "" && signature) {
    return "Not shown: the block brought only its signature.";
  }
  if (!citations?.length) return "";
  const titles = citations.slice(0, MOST_CITED).map((/** @type {WireObject} */ citation) => {
    const { title, document_title, source, type: kind } = citation;
    const found = [title, document_title, source, kind].find((one) => stringIn(one) !== "");
    return short(found ?? "a source without a title");
  });
  const more = citations.length > MOST_CITED ? "; and more" : "";
  return `Cited: ${[...new Set(titles)].join("; ")}${more}`;
}
