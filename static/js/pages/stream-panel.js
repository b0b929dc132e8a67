/** A player with its views, in an element that has their parts. Every page with a stream has one. */

import { Player } from "../player/player.js";
import { statusOf } from "../player/status.js";
import { short } from "../protocol/read.js";
import { fetchPlan, planned } from "../sources/plan.js";
import { Announcer } from "../views/announcer.js";
import { AnswerView } from "../views/answer.js";
import { ControlsView } from "../views/controls.js";
import { DetailView } from "../views/detail.js";
import { optionalPart, part } from "../views/dom.js";
import { EventsView } from "../views/events.js";
import { reveal } from "../views/stage.js";
import { StatsView } from "../views/stats.js";
import { StripView } from "../views/strip.js";
import { replaceAddress, showsBytes } from "./address.js";

/** @typedef {import("../player/player.js").Source} Source */

/** @returns {Promise<import("../protocol/table.js").ProtocolTable>} */
export async function fetchTable() {
  const response = await fetch("/protocol.json");
  if (!response.ok) throw new Error(`The site answered ${response.status} for its event table.`);
  return response.json();
}

export class StreamPanel {
  player = new Player({
    request: (callback) => requestAnimationFrame(callback),
    cancel: (id) => cancelAnimationFrame(id),
  });
  /** @type {(() => void) | null} called when an event was opened or closed */
  onOpen = null;
  /** The opened event, counted from 1; 0 for none. */
  opened = 0;
  /** What the stream's model makes of English prose. It is set with the stream. */
  charactersPerToken = 1;

  #root;
  #events;
  #detail;
  #answer;
  #announcer;
  /** @type {Source | null} what was loaded last */
  #source = null;

  /**
   * @param {HTMLElement} root
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {typeof statusOf} [describe] where the page has words of its own
   */
  constructor(root, table, describe = statusOf) {
    this.#root = root;
    const { player } = this;
    this.#events = new EventsView(part(root, "events"), table, {
      onOpen: (index) => this.open(index + 1),
      onPoint: (index) => this.#answer.mark(player.assembly.spanOf(index), this.#mayScroll),
    });
    this.#detail = new DetailView(part(root, "detail"), table, {
      onMove: (by) => this.open(this.opened + by),
      onClose: () => this.close(),
    });
    this.#announcer = new Announcer(part(root, "announcer"));
    for (const act of ["click", "keydown", "input"]) {
      const hear = () => {
        this.#announcer.isOn = true;
      };
      root.addEventListener(act, hear, { capture: true, once: true });
    }
    this.#answer = new AnswerView(part(root, "answer"), (place, offset) => {
      const index = player.assembly.eventAt(place, offset);
      if (!this.#events.mark(index, this.#mayScroll)) return;
      const marked = index < 0 ? this.#events.pointed : index;
      this.#answer.mark(player.assembly.spanOf(marked), false);
    });
    const controls = new ControlsView(root, player, {
      onStart: () => reveal(root),
      onStep: () => {
        const end = player.phase === "ended" ? `. ${describe(player, table).label}.` : "";
        this.#announcer.say(eventText(player) + end);
      },
    });
    const strip = new StripView(part(root, "strip"), table, (count) => player.seek(count));
    const stats = new StatsView(root);
    // One listener for each view: if one fails, the others still show that the player failed.
    player.listen(() => this.#answer.render(player));
    player.listen(() => this.#events.render(player));
    player.listen(() => controls.render(player));
    player.listen(() => strip.render(player));
    player.listen(() => stats.render(player, describe(player, table), this.charactersPerToken));
    player.listen(() => this.#announcer.render(player, describe(player, table)));
    player.listen(() => {
      if (this.opened > player.count) this.close();
      // A stream that has brought nothing will not bring it any more.
      root.classList.toggle("is-over", player.phase === "ended");
    });
    this.#offerRetry();
    this.#chooseRows();
  }

  /** While a stream plays, both panes follow its end. */
  get #mayScroll() {
    return this.player.phase !== "playing";
  }

  /** What the rows of events show is a choice that the address keeps. */
  #chooseRows() {
    const bytes = /** @type {HTMLInputElement} */ (part(this.#root, "rows-bytes"));
    const payload = /** @type {HTMLInputElement} */ (part(this.#root, "rows-payload"));
    const follow = () => {
      this.#events.showsBytes = bytes.checked;
      replaceAddress(location.pathname + location.search, bytes.checked);
    };
    for (const choice of [bytes, payload]) choice.addEventListener("change", follow);
    // A visitor can have chosen before this script was loaded.
    if (showsBytes()) bytes.checked = true;
    follow();
  }

  /** A stream that could not be loaded can be loaded again. */
  #offerRetry() {
    const retry = optionalPart(this.#root, "retry");
    if (!retry) return;
    this.player.listen(({ phase, isBroken }) => {
      retry.hidden = phase !== "failed" || isBroken;
    });
    retry.addEventListener("click", async () => {
      if (this.#source) await this.load(this.#source);
      const next = retry.hidden ? part(this.#root, "start") : retry;
      next.focus({ preventScroll: true });
    });
  }

  /**
   * Load a stream, and close the event that is open.
   * @param {Source} source
   */
  load(source) {
    this.close();
    this.#source = source;
    return this.player.load(source);
  }

  /**
   * @param {string} name
   * @param {string} [fault] as a base URL spells it
   */
  loadScenario(name, fault) {
    const source = planned(
      () => fetchPlan(name, fault),
      (plan) => {
        this.charactersPerToken = plan.charactersPerToken;
        for (const key of /** @type {const} */ (["summary", "prompt"])) {
          const node = optionalPart(this.#root, key);
          if (node) node.textContent = plan[key];
        }
      },
    );
    return this.load(source);
  }

  /**
   * Play a stream while it is received.
   * @param {Source} source
   * @param {string[]} [kept] texts of earlier requests for the same answer
   */
  play(source, kept = []) {
    this.#answer.kept = kept;
    this.#announcer.isOn = true;
    this.load(source);
    return this.player.start();
  }

  /**
   * Explain an event, where the list of events is.
   * @param {number} number counted from 1, of the events that are shown
   * @param {[number, number]} [mark] what of its lines is marked, in code units
   */
  open(number, mark) {
    const { log, count } = this.player;
    if (number < 1 || number > count) return;
    this.opened = number;
    this.player.attempt(() => {
      const meaning = this.#detail.show(log.events, number - 1, mark);
      this.#announcer.say(`${eventText({ log, count: number })}: ${meaning}`);
    });
    this.#events.markOpened(number - 1);
    this.onOpen?.();
  }

  close() {
    if (this.opened === 0) return;
    this.opened = 0;
    this.#detail.hide();
    this.#events.markOpened(-1);
    this.onOpen?.();
  }
}

/**
 * The last of some events, in words.
 * @param {Pick<Player, "log" | "count">} player
 */
function eventText({ log, count }) {
  return `Event ${count}, ${short(log.events[count - 1]?.name ?? "")}`;
}
