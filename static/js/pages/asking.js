/** Asking Claude in the page. Loaded at the first sign that somebody wants to. */

import { nextSteps } from "../live/next-steps.js";
import { bodyOf, joinable, liveRequest, restOf } from "../live/request.js";
import { statusOf } from "../player/status.js";
import { fetched } from "../sources/fetched.js";
import { findings } from "../stream/diagnostics.js";
import { endingOf } from "../stream/ending.js";
import { part } from "../views/dom.js";
import { EndingView } from "../views/ending.js";
import { FiguresView } from "../views/figures.js";
import { saveFile, streamName } from "../views/save.js";
import { fetchTable, Stage } from "./stage.js";

/** @typedef {import("../live/next-steps.js").NextSteps} NextSteps */
/** @typedef {import("../live/request.js").Body} Body */
/** @typedef {import("../views/question.js").QuestionView} QuestionView */

const PATH = "/live/messages";
const GIVEN_UP = {
  text: "",
  canRetry: true,
  canContinue: false,
  cannotAnswer: false,
  wantsCode: false,
};

export class Asking {
  #root;
  #table;
  #question;
  #stage;
  #ending;
  #figures;
  /** @type {Body | null} what the visitor asked */
  #asked = null;
  /** @type {Body | null} what was sent last: the same, or a request for the rest */
  #sent = null;
  /** @type {string[]} the texts that earlier requests for the same answer brought */
  #kept = [];
  /** @type {number | null} what those requests cost; null: unknown */
  #costBefore = 0;
  /** @type {number | null} */
  #cost = 0;
  /** @type {ReturnType<typeof fetched> | null} */
  #source = null;
  /** @type {import("../player/reel.js").Reel | null} the stream whose end was told */
  #over = null;
  /** @type {{reel: import("../player/reel.js").Reel, steps: NextSteps} | null} */
  #judged = null;

  /**
   * @param {HTMLElement} root the stage
   * @param {QuestionView} question
   */
  static async load(root, question) {
    return new Asking(root, await fetchTable(), question);
  }

  /**
   * @param {HTMLElement} root
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {QuestionView} question
   */
  constructor(root, table, question) {
    this.#root = root;
    this.#table = table;
    this.#question = question;
    this.#ending = new EndingView(root, {
      stop: () => this.#source?.stop(),
      again: () => this.#again(),
      continue: () => this.#goOn(),
    });
    this.#figures = new FiguresView(root);
    this.#stage = new Stage(root, table, (player) => this.#describe(player));
    this.#stage.player.setMode("sent");
    this.#stage.player.listen(() => this.#render());
    part(root, "save").addEventListener("click", () => this.#save());
  }

  /** Ask what the form says. */
  start() {
    const body = bodyOf(this.#question.question);
    this.#asked = body;
    this.#kept = [];
    this.#costBefore = 0;
    this.#send(body);
  }

  /** The same request once more. */
  #again() {
    if (this.#sent) this.#send(this.#sent);
  }

  /** Ask for the rest, by the recipe for the model's generation. */
  #goOn() {
    if (!this.#asked || !this.#judged) return;
    const { prefill } = this.#modelOf(this.#asked);
    const text = joinable(this.#judged.steps.text, prefill);
    if (text !== "") {
      this.#kept = [...this.#kept, text];
      this.#costBefore =
        this.#costBefore === null || this.#cost === null ? null : this.#costBefore + this.#cost;
    }
    this.#send(restOf(this.#asked, this.#kept.join(""), prefill));
  }

  /** @param {Body} body */
  #send(body) {
    this.#sent = body;
    this.#source = fetched(PATH, liveRequest(body, this.#question.code));
    this.#stage.charactersPerToken = this.#modelOf(body).charactersPerToken;
    this.#question.canAsk = false;
    this.#ending.wait();
    save(this.#root).disabled = true;
    this.#stage.play(this.#source, this.#kept);
  }

  /** @param {Body} body */
  #modelOf({ model }) {
    return this.#question.models[model];
  }

  /** @param {import("../player/player.js").Player} player */
  #describe(player) {
    const status = statusOf(player, this.#table);
    if (player.phase !== "ended") return status;
    return { ...status, advice: this.#nextSteps(player).advice };
  }

  /** @param {import("../player/player.js").Player} player one whose stream has ended */
  #nextSteps({ reel, assembly }) {
    if (this.#judged?.reel !== reel) {
      const ending = endingOf(reel, assembly, this.#table);
      const steps = nextSteps(reel, assembly, ending, this.#kept.join(""), new Date());
      this.#judged = { reel, steps };
    }
    return this.#judged.steps;
  }

  #render() {
    const { reel, phase } = this.#stage.player;
    if (reel === this.#over || this.#source === null) return;
    if (phase === "failed") {
      this.#giveUp(reel);
      return;
    }
    this.#figures.follow(reel);
    if (phase === "ended") this.#finish(reel);
    else this.#ending.follow(reel);
  }

  /**
   * The page itself failed: nobody sees what still comes, so it is stopped, and can be asked again.
   * @param {import("../player/reel.js").Reel} reel
   */
  #giveUp(reel) {
    this.#over = reel;
    this.#source?.stop();
    this.#cost = null;
    this.#question.canAsk = true;
    save(this.#root).disabled = reel.bytes === 0;
    const { label, advice } = statusOf(this.#stage.player, this.#table);
    /** @type {import("../stream/ending.js").Finding} */
    const finding = { kind: "problem", title: label, text: "" };
    this.#ending.show(reel, [finding], { ...GIVEN_UP, finding, advice });
  }

  /** @param {import("../player/reel.js").Reel} reel */
  #finish(reel) {
    const { assembly } = this.#stage.player;
    const steps = this.#nextSteps(this.#stage.player);
    const [, ...oddities] = findings(reel, this.#table, assembly);
    const wasWaiting = this.#ending.show(reel, [steps.finding, ...oddities], steps);
    const { price } = this.#modelOf(/** @type {Body} */ (this.#sent));
    this.#cost = this.#figures.showCost(assembly.message, price, this.#costBefore);
    save(this.#root).disabled = !reel.isStream || reel.bytes === 0;
    this.#question.canAsk = true;
    if (wasWaiting && steps.wantsCode) this.#question.enterCode();
    // Last: what fails before this is told by giving up.
    this.#over = reel;
  }

  #save() {
    const { head } = this.#stage.player.reel;
    const name = streamName(head?.headers?.["request-id"] ?? "", new Date());
    saveFile(name, this.#source?.received ?? []);
  }
}

/** @param {HTMLElement} root */
function save(root) {
  return /** @type {HTMLButtonElement} */ (part(root, "save"));
}
