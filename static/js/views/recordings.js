/** The requests that passed the recorder: a list with the newest first, each with its strip. */

import { counted } from "../protocol/read.js";
import { COLUMN, FAMILIES, HEIGHT, Strip } from "../stream/strip.js";
import { element, part, setText, svgElement } from "./dom.js";
import { clientOf, duration } from "./journal.js";
import { timeOf } from "./verdicts.js";

/** @typedef {import("../recorder/watch.js").RecordedRequest} RecordedRequest */

const WIDTH = 600;
const SHORTEST_KEPT_MS = 1000;
const ENDS = {
  complete: "Complete",
  left: "The client left",
  cut: "Cut",
  unreachable: "No answer",
};

export class RecordingsView {
  #list;
  #note;
  #status;
  #familyOf;
  #onPlay;
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /**
   * @param {ParentNode} root
   * @param {(type: string) => string} familyOf the family of an event
   * @param {(request: RecordedRequest) => void} onPlay
   */
  constructor(root, familyOf, onPlay) {
    this.#list = part(root, "recordings");
    this.#note = part(root, "recordings-note");
    this.#status = part(root, "recordings-status");
    this.#familyOf = familyOf;
    this.#onPlay = onPlay;
  }

  /**
   * @param {RecordedRequest[]} requests the oldest first
   * @returns {RecordedRequest[]} those that are new in the list
   */
  render(requests) {
    this.#note.hidden = requests.length > 0;
    const names = new Set(requests.map(({ name }) => name));
    for (const [name, row] of this.#rows) {
      if (names.has(name)) continue;
      row.node.remove();
      this.#rows.delete(name);
    }
    /** @type {RecordedRequest[]} */
    const fresh = [];
    for (const request of requests) {
      let row = this.#rows.get(request.name);
      if (!row) {
        row = new Row(request, this.#familyOf, this.#onPlay);
        this.#rows.set(request.name, row);
        this.#list.prepend(row.node);
        fresh.push(request);
      }
      row.render(request, this.#rows.get(request.first)?.at);
    }
    if (fresh.length > 0) {
      const { about } = fresh[fresh.length - 1];
      const others = fresh.length > 1 ? `, and ${fresh.length - 1} more` : "";
      this.#status.textContent = `New request: ${about.method} ${about.path}${others}`;
    }
    return fresh;
  }

  /** @param {string} name of the request that the player shows; "" for none */
  mark(name) {
    for (const [known, { node }] of this.#rows) node.classList.toggle("is-shown", known === name);
  }

  /** @param {string} problem why there are no requests to show */
  fail(problem) {
    this.#note.textContent = problem;
    this.#note.hidden = false;
  }
}

class Row {
  node = element("li", "recording");
  #familyOf;
  /** @type {RecordedRequest} */
  #request;
  #head = element("p", "recording-head");
  #facts = element("p", "recording-facts");
  #text = element("p", "recording-text");
  #picture = svgElement("svg", "ticks");
  /** @type {Map<string, SVGElement>} the paths by their class */
  #paths;
  #play = /** @type {HTMLButtonElement} */ (element("button", "", "Play"));
  #save = element("span", "recording-save");
  #drawn = "";

  /**
   * @param {RecordedRequest} request
   * @param {(type: string) => string} familyOf
   * @param {(request: RecordedRequest) => void} onPlay
   */
  constructor(request, familyOf, onPlay) {
    this.#request = request;
    this.#familyOf = familyOf;
    const names = ["silence", ...FAMILIES.map((name) => `family-${name}`), "cut family-error"];
    this.#paths = new Map(names.map((name) => [name, svgElement("path", name)]));
    this.#picture.append(...this.#paths.values());
    this.#picture.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.#picture.setAttribute("preserveAspectRatio", "none");
    this.#picture.setAttribute("aria-hidden", "true");
    const what = `${timeOf(request.at)}, ${request.about.method} ${request.about.path}`;
    this.#play.type = "button";
    this.#play.setAttribute("aria-label", `Play ${what}`);
    this.#play.addEventListener("click", () => onPlay(this.#request));
    for (const kind of ["sse", "json"]) {
      const link = /** @type {HTMLAnchorElement} */ (element("a", "", `.${kind}`));
      link.href = `/recordings/${encodeURIComponent(request.name)}.${kind}`;
      link.download = "";
      link.setAttribute("aria-label", `Save the .${kind} of ${what}`);
      this.#save.append(link, " ");
    }
    const actions = element("div", "recording-actions");
    actions.append(this.#play, this.#save);
    this.node.append(this.#head, actions, this.#picture, this.#facts, this.#text);
  }

  /** When the request was made, in seconds since 1970. */
  get at() {
    return this.#request.at;
  }

  /**
   * @param {RecordedRequest} request
   * @param {number | undefined} firstAt when the first of those that are the same was made
   */
  render(request, firstAt) {
    const state = JSON.stringify(request);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#request = request;
    this.node.dataset.kind = kindOf(request);
    setText(this.#head, headOf(request, firstAt));
    setText(this.#facts, factsOf(request).join(" · "));
    const { error = "", text = "", note } = request;
    setText(this.#text, [error || text, note].filter(Boolean).join(" — "));
    this.#play.disabled = !request.can_open;
    this.#save.hidden = request.ended === null || !request.can_open;
    this.#draw(request);
  }

  /** @param {RecordedRequest} request */
  #draw({ ticks = [], after_ms, ended, status, is_stream }) {
    const strip = new Strip();
    strip.ticks = ticks.map(([at, type, size]) => ({ at, family: this.#familyOf(type), size }));
    strip.end = Math.max(after_ms ?? 0, strip.ticks.at(-1)?.at ?? 0);
    // A response that is no stream is one tick.
    if (!is_stream && status !== 0) {
      strip.ticks.push({ at: strip.end, family: status >= 400 ? "error" : "message", size: 0 });
    }
    strip.span = Math.max(strip.end, SHORTEST_KEPT_MS);
    const silences = strip.silences(WIDTH);
    this.#setPath("silence", silences.map(([left, right]) => `M${left} 33H${right}`).join(""));
    for (const [family, columns] of Object.entries(strip.columns(WIDTH))) {
      const bars = columns.map(
        ([column, height]) => `M${COLUMN * column + 1} ${HEIGHT}v-${height}`,
      );
      this.#setPath(`family-${family}`, bars.join(""));
    }
    const left = Math.min(COLUMN * strip.column(strip.end, WIDTH) + 3, WIDTH - 10);
    const isCut = ended === "cut" || ended === "unreachable";
    this.#setPath("cut family-error", isCut ? `M${left} 14l9 9m0-9l-9 9` : "");
  }

  /**
   * @param {string} name
   * @param {string} path
   */
  #setPath(name, path) {
    this.#paths.get(name)?.setAttribute("d", path);
  }
}

/** @param {RecordedRequest} request */
function kindOf({ ended, status, error, is_stream, has_stopped }) {
  if (ended === null) return "open";
  const isEnded = is_stream ? has_stopped && ended !== "cut" : ended === "complete";
  const isWhole = isEnded && status < 400 && !error;
  return isWhole ? "complete" : "early";
}

/**
 * @param {RecordedRequest} request
 * @param {number | undefined} firstAt
 */
function headOf({ at, about, attempt, status }, firstAt) {
  const parts = [timeOf(at), clientOf(about), `${about.method} ${about.path}`];
  if (status) parts.push(`HTTP ${status}`);
  const first = firstAt === undefined ? "" : ` of the request of ${timeOf(firstAt)}`;
  if (attempt > 1) parts.push(`attempt ${attempt}${first}`);
  return parts.join(" · ");
}

/** @param {RecordedRequest} request */
function factsOf(request) {
  const { ended, after_ms, stop_reason, model, about, headers, usage = {}, cost, size } = request;
  const { first_event_ms, first_word_ms, largest_gap_ms, events = 0, encoding, saved } = request;
  const { is_stream, has_stopped } = request;
  const end = ended === null ? "Running" : `${ENDS[ended]} after ${duration(after_ms ?? 0)}`;
  const isEarly = ended === "complete" && is_stream && !has_stopped;
  const facts = [isEarly ? `${end}, without message_stop` : end];
  if (stop_reason) facts.push(stop_reason);
  if (model ?? about.model) facts.push(String(model ?? about.model));
  if (first_event_ms != null) facts.push(`first event ${duration(first_event_ms)}`);
  if (first_word_ms != null) facts.push(`first word ${duration(first_word_ms)}`);
  if (largest_gap_ms != null) facts.push(`longest gap ${duration(largest_gap_ms)}`);
  if (events) facts.push(counted(events, "event"));
  facts.push(`${size.toLocaleString("en")} bytes${encoding ? `, ${encoding}` : ""}`);
  facts.push(...tokensOf(usage, request.counted ?? null));
  if (cost != null) facts.push(`$${cost.toFixed(6)}`);
  if (headers["request-id"]) facts.push(headers["request-id"]);
  if (saved) facts.push("in the folder");
  return facts;
}

/**
 * @param {Record<string, any>} usage
 * @param {number | null} counted
 */
function tokensOf(usage, counted) {
  if (counted !== null) return [`${counted.toLocaleString("en")} tokens counted`];
  const { input_tokens: input, output_tokens: output } = usage;
  const cached = (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);
  if (typeof input !== "number" && typeof output !== "number") return [];
  const all = (Number(input) || 0) + cached;
  return [
    `${all.toLocaleString("en")} tokens in, ${(Number(output) || 0).toLocaleString("en")} out`,
  ];
}
