/** A player with its views, in an element that has their parts. Every page with a stream has one. */

import { Player } from "../player/player.js";
import { statusOf } from "../player/status.js";
import { fetchPlan, planned } from "../sources/plan.js";
import { Announcer } from "../views/announcer.js";
import { AnswerView } from "../views/answer.js";
import { ControlsView } from "../views/controls.js";
import { DetailView } from "../views/detail.js";
import { optionalPart, part } from "../views/dom.js";
import { EventsView } from "../views/events.js";
import { StatsView } from "../views/stats.js";

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

  /**
   * @param {HTMLElement} root
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {typeof statusOf} [describe] where the page has words of its own
   */
  constructor(root, table, describe = statusOf) {
    this.#root = root;
    const { player } = this;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) player.mode = "sent";
    this.#events = new EventsView(part(root, "events"), table, (index) => this.open(index + 1));
    this.#detail = new DetailView(part(root, "detail"), table);
    this.#announcer = new Announcer(part(root, "announcer"));
    this.#answer = new AnswerView(part(root, "answer"));
    const controls = new ControlsView(root, player);
    const stats = new StatsView(root);
    this.#detail.clear();
    // One listener for each view: if one fails, the others still show that the player failed.
    player.listen(() => this.#answer.render(player));
    player.listen(() => this.#events.render(player));
    player.listen(() => controls.render(player));
    player.listen(() => stats.render(player, describe(player, table), this.charactersPerToken));
    player.listen(() => this.#announcer.render(player, describe(player, table)));
    player.listen(() => {
      if (this.opened > player.count) this.close();
    });
  }

  /**
   * Load a stream, and close the event that is open.
   * @param {Source} source
   */
  load(source) {
    this.close();
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
    this.load(source);
    return this.player.start();
  }

  /**
   * Explain an event.
   * @param {number} number counted from 1, of the events that are shown
   */
  open(number) {
    if (number < 1 || number > this.player.count) return;
    this.opened = number;
    this.#events.markOpened(number - 1);
    this.player.attempt(() => {
      this.#announcer.say(this.#detail.show(this.player.log.events, number - 1));
    });
    this.onOpen?.();
  }

  close() {
    if (this.opened === 0) return;
    this.opened = 0;
    this.#events.markOpened(-1);
    this.#detail.clear();
    this.onOpen?.();
  }
}
