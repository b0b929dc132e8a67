/** The answer as a person reads it: blocks in order, text as it comes. */

import { jsonOf, short, stringIn } from "../protocol/read.js";
import { element, isAtEnd, shortened } from "./dom.js";

/** @typedef {import("../protocol/message.js").WireObject} WireObject */

// A paragraph's box is closed after this many characters, so that new text lays out only
// the end of a long answer again.
const LONG_PARAGRAPH = 1500;
// A text without line ends has its boxes closed anywhere.
const LONGEST_PARAGRAPH = 4000;
// Far more than an answer has: what follows is in the events, and not laid out.
const MOST_SHOWN = 1_000_000;
const MOST_CITED = 50;
const TOO_MUCH = `Only the first ${MOST_SHOWN.toLocaleString("en")} characters are shown.`;

export class AnswerView {
  /** @type {string[]} texts that came before, by other requests: they stay in front of this one */
  kept = [];

  #root;
  #generation = -1;
  /** @type {WireObject | null} */
  #message = null;
  /** @type {BlockView[]} */
  #blocks = [];
  #isFollowing = true;

  /** @param {HTMLElement} root the scroller that holds the answer */
  constructor(root) {
    this.#root = root;
    // Someone who scrolls up is reading; whoever returns to the end follows again.
    root.addEventListener("scroll", () => {
      this.#isFollowing = isAtEnd(root);
    });
  }

  /** @param {import("../player/player.js").Player} player */
  render(player) {
    const { blocks, streamed, message } = player.assembly;
    // A second message_start takes the first one's text back.
    if (this.#generation !== player.generation || this.#message !== message) {
      this.#generation = player.generation;
      this.#message = message;
      this.#blocks = [];
      this.#root.replaceChildren(...this.kept.flatMap(keptPart));
      this.#isFollowing = true;
    }
    const lastEvent = player.log.events[player.count - 1]?.data;
    const typed = player.assembly.placeOf(lastEvent?.index);
    let isChanged = false;
    for (const [index, block] of blocks.entries()) {
      this.#blocks[index] ??= this.#add(block);
      const hidden = index === typed ? player.pending : 0;
      const text = streamed[index].slice(0, streamed[index].length - hidden);
      isChanged = this.#blocks[index].update(block, text) || isChanged;
    }
    if (player.phase === "ended" && !player.log.isStream) this.#showBody(player.log);
    if (isChanged && this.#isFollowing) this.#root.scrollTop = this.#root.scrollHeight;
  }

  /**
   * What came in place of a stream.
   * @param {import("../stream/event-log.js").EventLog} log
   */
  #showBody({ head, body }) {
    if (this.#root.querySelector(".block:not(.block-kept)")) return;
    const block = element("div", "block block-tool");
    const label = element("p", "block-label", `HTTP ${head?.status}, ${head?.type}`);
    block.append(label, element("div", "block-body", shortened(formatted(body))));
    this.#root.append(block);
  }

  /** @param {WireObject} block */
  #add(block) {
    const view = new BlockView(block);
    this.#root.append(view.root);
    return view;
  }
}

class BlockView {
  root = element("div");
  #body = element("div", "block-body");
  #notes = element("p", "block-notes");
  /** @type {Text | null} */
  #tail = null;
  #shown = 0;

  /** @param {WireObject} block */
  constructor(block) {
    this.root.className = `block block-${kindOf(block)}`;
    this.root.dataset.block = short(block.type ?? "");
    const label = labelOf(block);
    if (label) this.root.append(element("p", "block-label", label));
    this.root.append(this.#body);
    const whole = wholeText(block);
    if (whole) this.#append(whole);
  }

  /**
   * @param {WireObject} block
   * @param {string} text what of its text is to be shown; it only ever grows
   * @returns {boolean} whether anything changed
   */
  update(block, text) {
    const isLonger = text.length > this.#shown;
    if (isLonger) this.#append(text.slice(this.#shown, MOST_SHOWN));
    if (text.length > MOST_SHOWN && this.#shown <= MOST_SHOWN) {
      this.root.append(element("p", "block-notes", TOO_MUCH));
    }
    this.#shown = text.length;
    return this.#renderNotes(block) || isLonger;
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
        const box = element("div");
        box.append(this.#tail);
        this.#body.append(box);
      }
      this.#tail.appendData(text.slice(from, to));
      if (lineEnd !== -1 || to === most) this.#tail = null;
      from = to;
    }
  }

  /** @param {WireObject} block */
  #renderNotes(block) {
    const text = notesOf(block);
    if (text === this.#notes.textContent) return false;
    this.#notes.textContent = text;
    this.root.append(this.#notes);
    return true;
  }
}

/**
 * What is kept, and the join after it.
 * @param {string} text
 */
function keptPart(text) {
  const block = element("div", "block block-text block-kept");
  block.append(element("div", "block-body", text));
  return [block, element("p", "join", "Ended here; another request goes on")];
}

/** @param {string} body */
function formatted(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** @param {WireObject} block */
function kindOf(block) {
  if (block.type === "text") return "text";
  if (block.type === "thinking") return "thinking";
  return "input" in block ? "tool" : "other";
}

/** @param {WireObject} block */
function labelOf(block) {
  if (block.type === "text") return "";
  if (block.type === "thinking") return "Thinking";
  const type = short(block.type ?? "a block without a type");
  return "name" in block ? `${type}: ${short(block.name)}` : type;
}

/**
 * What a block that arrives whole says in one line.
 * @param {WireObject} block
 */
function wholeText(block) {
  if (kindOf(block) !== "other") return "";
  const size = jsonOf(block).length.toLocaleString("en");
  return `Arrived whole in content_block_start: ${size} characters of JSON.`;
}

/** @param {WireObject} block */
function notesOf(block) {
  if (block.type === "thinking" && block.thinking === "" && block.signature) {
    return "Not shown: the block brought only its signature.";
  }
  if (!block.citations?.length) return "";
  const titles = block.citations.slice(0, MOST_CITED).map(titleOf);
  const more = block.citations.length > MOST_CITED ? "; and more" : "";
  return `Cited: ${[...new Set(titles)].join("; ")}${more}`;
}

/** @param {WireObject} citation */
function titleOf({ title, document_title, source, type }) {
  const found = [title, document_title, source, type].find((one) => stringIn(one) !== "");
  return short(found ?? "a source without a title");
}
