/** Asking Claude in the page. Loaded when a visitor is about to. */

import { nextSteps } from "../live/next-steps.js";
import { bodyOf, liveRequest, restOf } from "../live/request.js";
import { statusOf } from "../player/status.js";
import { endingOf } from "../stream/ending.js";
import { ActionsView } from "../views/actions.js";
import { CostView } from "../views/cost.js";
import { part } from "../views/dom.js";
import { saveFile, streamName } from "../views/save.js";
import { Session } from "./session.js";

export { fetchTable } from "./session.js";

/** @typedef {import("../live/next-steps.js").NextSteps} NextSteps */
/** @typedef {import("../live/request.js").Body} Body */
/** @typedef {import("../player/player.js").Player} Player */

const PATH = "/live/messages";
// After an error of the page's own, only the same request can be sent again.
const RETRY = { canRetry: true, canContinue: false, cannotAnswer: false, wantsCode: false };

export class LiveSession {
  #table;
  #question;
  #session;
  #actions;
  #cost;
  #save;
  /** @type {Body | null} what the visitor asked */
  #asked = null;
  /** @type {Body | null} what was sent last: the same, or a request for the rest */
  #sent = null;
  /** @type {string[]} the texts of earlier requests for the same answer */
  #kept = [];
  /** @type {number | null} US dollars that those requests cost; null: unknown */
  #costBefore = 0;
  /** @type {number | null} US dollars that the last request cost; null: unknown */
  #costNow = 0;
  /** @type {{log: Player["log"], steps: NextSteps} | null} */
  #judged = null;

  /**
   * @param {HTMLElement} root the stream panel
   * @param {import("../protocol/table.js").ProtocolTable} table
   * @param {import("../views/question.js").QuestionView} question
   */
  constructor(root, table, question) {
    this.#table = table;
    this.#question = question;
    this.#actions = new ActionsView(root, {
      stop: () => this.#session.stop(),
      again: () => this.#sent && this.#send(this.#sent),
      continue: () => this.#continue(),
    });
    this.#cost = new CostView(root);
    this.#session = new Session(
      root,
      table,
      (player) => this.#finish(player),
      (player) => {
        const status = statusOf(player, table);
        if (player.phase !== "ended") return status;
        const { advice, finding } = this.#nextSteps(player);
        return { ...status, advice, finding };
      },
    );
    this.#save = /** @type {HTMLButtonElement} */ (part(root, "save"));
    this.#save.addEventListener("click", () => {
      const id = this.#session.player.log.head?.headers?.["request-id"] ?? "";
      saveFile(streamName(id, new Date()), this.#session.source?.received ?? []);
    });
  }

  /** Send the question of the form. */
  start() {
    const body = bodyOf(this.#question.question);
    this.#asked = body;
    this.#kept = [];
    this.#costBefore = 0;
    this.#send(body);
  }

  /** Ask for the rest, by the recipe for the model's generation. */
  #continue() {
    if (!this.#asked || !this.#judged) return;
    const { prefill } = this.#modelOf(this.#asked);
    const { text: received } = this.#judged.steps;
    // With prefill, Claude continues the text without its white space at the end.
    const text = prefill ? received.trimEnd() : received;
    if (text !== "") {
      const [before, now] = [this.#costBefore, this.#costNow];
      this.#kept = [...this.#kept, text];
      this.#costBefore = before === null || now === null ? null : before + now;
    }
    this.#send(restOf(this.#asked, this.#kept.join(""), prefill));
  }

  /** @param {Body} body */
  #send(body) {
    this.#sent = body;
    this.#question.canAsk = false;
    this.#save.disabled = true;
    this.#actions.wait();
    this.#cost.clear();
    const { charactersPerToken } = this.#modelOf(body);
    const request = liveRequest(body, this.#question.code);
    this.#session.send(PATH, request, charactersPerToken, this.#kept);
  }

  /** @param {Body} body */
  #modelOf({ model }) {
    return this.#question.models[model];
  }

  /** @param {Player} player one whose stream has ended */
  #nextSteps({ log, assembly }) {
    if (this.#judged?.log !== log) {
      const ending = endingOf(log, assembly, this.#table);
      const steps = nextSteps(log, assembly, ending, this.#kept.join(""), new Date());
      this.#judged = { log, steps };
    }
    return this.#judged.steps;
  }

  /** @param {Player} player one whose stream has ended, or that failed */
  #finish(player) {
    const { log, assembly, phase } = player;
    const isFailed = phase === "failed";
    const steps = isFailed ? RETRY : this.#nextSteps(player);
    const hadFocus = this.#actions.show(steps);
    const { price } = this.#modelOf(/** @type {Body} */ (this.#sent));
    this.#costNow = isFailed ? null : this.#cost.show(assembly.message, price, this.#costBefore);
    this.#save.disabled = log.bytes === 0 || !(isFailed || log.isStream);
    this.#question.canAsk = true;
    if (hadFocus && steps.wantsCode) this.#question.enterCode();
  }
}
