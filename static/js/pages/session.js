/** Streams that play in the stream panel with diagnostics: answers to requests, and recordings. */

import { statusOf } from "../player/status.js";
import { fetched } from "../sources/fetched.js";
import { findings } from "../stream/diagnostics.js";
import { DiagnosticsView } from "../views/diagnostics.js";
import { part } from "../views/dom.js";
import { StreamPanel } from "./stream-panel.js";

export { fetchTable } from "./stream-panel.js";

/** @typedef {import("../player/player.js").Player} Player */

export class Session {
  /** @type {Player} */
  player;
  /** @type {ReturnType<typeof fetched> | null} the request that was sent last */
  source = null;

  /** @type {import("../player/player.js").Source | null} what plays */
  #shown = null;
  #panel;
  #table;
  #describe;
  #onEnd;
  #diagnostics;
  /** @type {Player["log"] | null} the stream whose ending is shown */
  #ended = null;

  /**
   * @param {HTMLElement} root the stream panel, with a part for the diagnostics
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {(player: Player) => void} onEnd called once for each stream that ended or failed
   * @param {typeof statusOf} [describe] where the page has words of its own
   */
  constructor(root, table, onEnd, describe = statusOf) {
    this.#table = table;
    this.#describe = describe;
    this.#onEnd = onEnd;
    this.#diagnostics = new DiagnosticsView(part(root, "noticed"));
    this.#panel = new StreamPanel(root, table, describe);
    this.player = this.#panel.player;
    this.player.listen(() => this.#render());
  }

  /**
   * @param {string} url
   * @param {RequestInit} request
   * @param {number} charactersPerToken of the model that is asked
   * @param {string[]} [kept] texts of earlier requests for the same answer
   */
  send(url, request, charactersPerToken, kept) {
    this.source = fetched(url, request);
    return this.play(this.source, charactersPerToken, kept);
  }

  /**
   * Play a stream from elsewhere.
   * @param {import("../player/player.js").Source} source
   * @param {number} charactersPerToken of its model
   * @param {string[]} [kept] texts of earlier requests for the same answer
   */
  play(source, charactersPerToken, kept) {
    this.#shown = source;
    this.#panel.charactersPerToken = charactersPerToken;
    return this.#panel.play(source, kept);
  }

  /** Abort the request. What was received is kept. */
  stop() {
    this.#shown?.stop?.();
  }

  #render() {
    const { log, phase, assembly } = this.player;
    if (this.#shown === null || log === this.#ended) return;
    if (phase !== "ended" && phase !== "failed") {
      this.#diagnostics.render(log, [], "");
      return;
    }
    if (phase === "failed") {
      this.#ended = log;
      // The page cannot show what is still to be received.
      this.stop();
    }
    const { finding, advice } = this.#describe(this.player, this.#table);
    const found = phase === "ended" ? findings(log, this.#table, assembly) : [];
    // The page may have words of its own for the ending, which is the first of the findings.
    this.#diagnostics.render(log, finding ? [finding, ...found.slice(1)] : found, advice);
    this.#onEnd(this.player);
    // Last: an error above makes the player fail, and this function is then called again.
    this.#ended = log;
  }
}
