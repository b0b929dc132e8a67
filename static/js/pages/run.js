/** Running a setting in the page. Loaded at the first wish to, since most visitors want a command. */

import { statusOf } from "../player/status.js";
import { fetched } from "../sources/fetched.js";
import { findings } from "../stream/diagnostics.js";
import { part } from "../views/dom.js";
import { NoticedView } from "../views/noticed.js";
import { fetchTable, Stage } from "./stage.js";

/** @typedef {import("../player/reel.js").Reel} Reel */

export class Run {
  #root;
  #table;
  #stage;
  #noticed;
  #onEnd;
  /** @type {import("../player/player.js").Source | null} */
  #source = null;
  /** @type {Reel | null} the stream whose end was told */
  #over = null;

  /**
   * @param {HTMLElement} root the stage
   * @param {() => void} onEnd told when a stream has ended
   */
  static async load(root, onEnd) {
    return new Run(root, await fetchTable(), onEnd);
  }

  /**
   * @param {HTMLElement} root
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {() => void} onEnd
   */
  constructor(root, table, onEnd) {
    this.#root = root;
    this.#table = table;
    this.#onEnd = onEnd;
    this.#noticed = new NoticedView(part(root, "noticed"));
    this.#stage = new Stage(root, table);
    this.#stage.player.setMode("sent");
    this.#stage.player.listen(() => this.#render());
  }

  /**
   * @param {string} url
   * @param {RequestInit} request
   * @param {number} charactersPerToken of the model that is asked for
   */
  start(url, request, charactersPerToken) {
    this.#source = fetched(url, request);
    this.#stage.charactersPerToken = charactersPerToken;
    return this.#stage.play(this.#source);
  }

  /** Abort the request; what came is kept. */
  stop() {
    this.#source?.stop?.();
  }

  #render() {
    const { player } = this.#stage;
    const { reel, phase, isArriving } = player;
    const isOver = phase === "ended" || phase === "failed";
    const run = part(this.#root, "run");
    const label = isOver ? "Run again" : "Run it here";
    if (run.textContent !== label) run.textContent = label;
    /** @type {HTMLButtonElement} */ (part(this.#root, "stop")).disabled = !isArriving;
    if (reel === this.#over || this.#source === null) return;
    const advice = isOver ? statusOf(player, this.#table).advice : "";
    this.#noticed.render(
      reel,
      phase === "ended" ? findings(reel, this.#table, player.assembly) : [],
      advice,
    );
    if (!isOver) return;
    this.#over = reel;
    // Where the page itself failed, nobody sees what still comes.
    this.stop();
    this.#onEnd();
  }
}
