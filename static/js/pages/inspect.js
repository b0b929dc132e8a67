/** The inspector: a stream that a visitor brings, what is wrong with it, and what it cost. */

import { messageWithUsage, usagesOf } from "../live/usage.js";
import { statusOf } from "../player/status.js";
import { counted, jsonOf, parseJson, sentence, short } from "../protocol/read.js";
import { LONGEST_FRAGMENT, packed, unpacked } from "../sources/fragment.js";
import { fetchPlan, nextTask } from "../sources/plan.js";
import { aboutIn, played, read, readBytes } from "../sources/saved.js";
import { EventLog } from "../stream/event-log.js";
import { inspectInTasks } from "../stream/inspection.js";
import { placeIn } from "../stream/places.js";
import { CostsView } from "../views/costs.js";
import { part, reportFailure } from "../views/dom.js";
import { FindingsView } from "../views/findings.js";
import { saveFile } from "../views/save.js";
import { reveal } from "../views/stage.js";
import { fetchTable, StreamPanel } from "./stream-panel.js";

/** @typedef {import("../sources/saved.js").Saved} Saved */
/** @typedef {import("../stream/inspection.js").BrokenRule} BrokenRule */

const EVENTS_PER_TASK = 2000;
const MOST_IN_FIELD = 20_000;
const SSE = "text/event-stream";
const encoder = new TextEncoder();
/** The part of the address after # that this page wrote last. */
let written = "";

const root = /** @type {HTMLElement} */ (document.querySelector("[data-stream-panel]"));
const form = /** @type {HTMLFormElement} */ (part(root, "form"));
const pasted = /** @type {HTMLTextAreaElement} */ (part(root, "pasted"));
const files = /** @type {HTMLInputElement} */ (part(root, "files"));
const save = /** @type {HTMLButtonElement} */ (part(root, "save"));
const submit = /** @type {HTMLButtonElement} */ (part(root, "inspect"));

/** @type {typeof statusOf} */
function describe(player, table) {
  const status = statusOf(player, table);
  if (player.phase === "empty") return { ...status, label: "No stream yet" };
  if (player.phase !== "failed" || player.isBroken) return status;
  return { ...status, label: "No stream here", advice: player.failure ?? "" };
}

class Inspector {
  #table;
  #panel;
  #costs;
  #findings;
  /** @type {Record<string, import("../views/costs.js").Model & {charactersPerToken: number}>} */
  #models = JSON.parse(root.dataset.models ?? "{}");
  /** @type {Promise<Record<string, import("../views/findings.js").Rule>> | null} */
  #rules = null;
  /** @type {Saved | null} what is shown */
  #shown = null;
  /** What of the address names the stream; the event that is open is added to it. */
  #fragment = "";
  /** What is shown last counts: whatever was brought before it is given up. */
  #turn = 0;

  /** @param {import("../protocol/table.js").ProtocolTable} table */
  constructor(table) {
    this.#table = table;
    this.#panel = new StreamPanel(root, table, describe);
    this.#panel.onOpen = () => this.#writeAddress();
    this.#costs = new CostsView(part(root, "costs"), this.#models);
    this.#findings = new FindingsView(part(root, "findings"), (found) => this.#choose(found));
  }

  /**
   * Inspect what is brought; what cannot be read is told, and what was shown before stays.
   * @param {() => Saved | Promise<Saved>} bring
   * @param {(saved: Saved) => string | Promise<string>} [address] the part of the address after #
   */
  async show(bring, address = fragmentOf) {
    this.#turn += 1;
    const turn = this.#turn;
    this.#say("Reading …");
    try {
      const saved = await bring();
      if (turn !== this.#turn) return;
      this.#shown = saved;
      await this.#play(saved);
      if (turn !== this.#turn) return;
      const log = this.#logOf();
      const found = await inspectInTasks(log, saved.body, nextTask);
      if (turn !== this.#turn) return;
      await this.#seekToEnd();
      await this.#render(saved, log, found);
      this.#fragment = await address(saved);
      if (turn === this.#turn) this.#writeAddress();
    } catch (error) {
      if (turn === this.#turn) this.#say(sentence(error instanceof Error ? error.message : error));
    }
  }

  /** Save what is shown, and its description where something is known of the response. */
  save() {
    const { name = "", body = new Uint8Array(), about = null } = this.#shown ?? {};
    const stem = name.replace(/\.\w+$/, "").replaceAll(/[^\w-]/g, "-") || "stream";
    saveFile(`${stem}.sse`, [/** @type {BlobPart} */ (body)]);
    if (about) saveFile(`${stem}.json`, [`${jsonOf(descriptionOf(about, body), 1)}\n`]);
  }

  /** @param {number} number of an event */
  open(number) {
    this.#panel.open(number);
  }

  /** @param {Saved} saved */
  async #play(saved) {
    const { player } = this.#panel;
    player.setMode(saved.about?.chunks ? "sent" : "typewriter");
    await this.#panel.load(played(async () => saved));
    const { events } = player.log;
    const start = events.find(({ data }) => data?.type === "message_start");
    this.#panel.charactersPerToken = this.#ratioOf(start?.data?.message?.model);
  }

  /** @param {unknown} model */
  #ratioOf(model) {
    const all = Object.values(this.#models);
    const known = all.find(({ ids }) => ids.some((id) => id === model));
    return (known ?? all[0]).charactersPerToken;
  }

  /** The stream; where there is none, an empty one. */
  #logOf() {
    const { log } = this.#panel.player;
    if (log.ending) return log;
    const empty = new EventLog();
    empty.end();
    return empty;
  }

  /** The whole stream is shown, in tasks between which the page stays responsive. */
  async #seekToEnd() {
    const { player } = this.#panel;
    const total = player.total ?? 0;
    for (let count = EVENTS_PER_TASK; count < total; count += EVENTS_PER_TASK) {
      await player.seek(count);
      await nextTask();
    }
    await player.seek(total);
  }

  /**
   * @param {Saved} saved
   * @param {EventLog} log
   * @param {BrokenRule[]} found
   */
  async #render(saved, log, found) {
    const { assembly, phase } = this.#panel.player;
    const whole = saved.failure ? messageWithUsage(new TextDecoder().decode(saved.body)) : null;
    const reported = usagesOf(log.events);
    const isFinal = whole !== null || assembly.message?.stop_reason != null;
    this.#costs.show(whole ?? assembly.message, reported, isFinal);
    save.disabled = log.bytes === 0;
    const isAlone = whole !== null && saved.about === null;
    if (isAlone) {
      this.#findings.clear("There are no events. What the tokens cost stands below.");
      this.#say("A message or its usage, without events: what it cost stands below.");
    } else {
      const isEmpty = saved.body.length === 0 && saved.about === null;
      if (isEmpty) this.#findings.clear("There is nothing to inspect.");
      else this.#findings.render(found, await this.#getRules(), saved.body);
      const broken = found.length > 0 ? `${counted(found.length, "finding")}.` : "No finding.";
      const { label } = describe(this.#panel.player, this.#table);
      const size = `${counted(log.events.length, "event")}, ${counted(log.bytes, "byte")}. ${label}.`;
      this.#say([phase === "ended" ? size : saved.failure, broken, ...saved.notes].join(" "));
    }
    if (isAlone || root.dataset.first) part(root, "costs").scrollIntoView({ block: "nearest" });
    else reveal(root);
  }

  /** What is known of the rules. Without it, the findings have their places and words. */
  #getRules() {
    this.#rules ??= fetch("/inspect/rules.json")
      .then((response) => (response.ok ? response.json() : {}))
      .catch(() => ({}));
    return this.#rules;
  }

  /** @param {BrokenRule} found */
  async #choose({ rule, event }) {
    const { player } = this.#panel;
    if (event === null) return;
    if (player.count < event) await player.seek(event);
    this.#panel.open(event, placeIn(rule, player.log.events[event - 1].raw));
  }

  #writeAddress() {
    const { opened } = this.#panel;
    const event = this.#fragment && opened > 0 ? `&event=${opened}` : "";
    written = this.#fragment && `#${this.#fragment}${event}`;
    history.replaceState(null, "", location.pathname + location.search + written);
    part(root, "kept").textContent = this.#shown?.body.length ? keptIn(this.#fragment) : "";
  }

  /** @param {string} text */
  #say(text) {
    part(root, "summary").textContent = text;
  }
}

/**
 * How the address leads to what is shown.
 * @param {string} fragment
 */
function keptIn(fragment) {
  if (fragment === "")
    return "It is too large for an address: save it as a file, which opens here again.";
  if (!fragment.startsWith("stream=")) return "The page's address leads back to it.";
  return "The address has it too, after #, which a browser sends to no server.";
}

/**
 * A stream in the address. Of one that does not fit, it is "".
 * @param {Saved} saved
 */
async function fragmentOf({ body, about }) {
  if (body.length === 0) return "";
  const packedBody = await packed(body);
  const description = encoder.encode(jsonOf(about && descriptionOf(about, body)));
  const fragment = `stream=${packedBody}${about ? `&about=${await packed(description)}` : ""}`;
  return fragment.length > LONGEST_FRAGMENT ? "" : fragment;
}

/**
 * The description of a recording, as in the corpus.
 * @param {import("../sources/saved.js").About} about
 * @param {Uint8Array} body
 */
function descriptionOf({ status, headers, chunks, end, gzip }, body) {
  return {
    response: {
      status,
      headers,
      chunks: chunks ?? [[0, body.length]],
      end: end === "drop" || end === "open" ? end : "whole",
      informational: [],
      gzip: gzip === true,
    },
  };
}

/**
 * Inspect what the address names.
 * @param {Inspector} inspector
 */
async function follow(inspector) {
  if (location.hash === written) return;
  const fields = new URLSearchParams(location.hash.slice(1));
  const [corpus, recording, scenario, stream] = ["corpus", "recording", "scenario", "stream"].map(
    (name) => fields.get(name),
  );
  const event = Number(fields.get("event") ?? 0);
  fields.delete("event");
  if (corpus)
    await inspector.show(
      () => fetchRecording("/corpus", corpus),
      () => `corpus=${corpus}`,
    );
  else if (recording)
    await inspector.show(
      () => fetchRecording("/recordings", recording),
      () => `recording=${recording}`,
    );
  else if (scenario) {
    const fault = fields.get("fault") ?? "";
    await inspector.show(
      () => fetchScenario(scenario, fault),
      () => fields.toString(),
    );
  } else if (stream) await inspector.show(() => unpack(stream, fields.get("about")));
  if (Number.isInteger(event) && event > 0) inspector.open(event);
}

/**
 * @param {string} stream
 * @param {string | null} about
 */
async function unpack(stream, about) {
  if (stream.length + (about?.length ?? 0) > LONGEST_FRAGMENT)
    throw new Error("The stream in the address is too long");
  try {
    const description = about && new TextDecoder().decode(await unpacked(about));
    return readBytes(await unpacked(stream), "stream", aboutIn(parseJson(description ?? "")));
  } catch {
    throw new Error("The stream in the address is not whole: open the file, or paste it");
  }
}

/**
 * @param {"/corpus" | "/recordings"} folder the corpus, or what the recorder keeps
 * @param {string} name
 */
async function fetchRecording(folder, name) {
  const paths = ["sse", "json"].map((kind) => `${folder}/${encodeURIComponent(name)}.${kind}`);
  const [body, about] = await Promise.all(paths.map((path) => fetch(path)));
  if (!body.ok || !about.ok) throw new Error(`There is no recording ${short(name)} here`);
  return readBytes(new Uint8Array(await body.arrayBuffer()), name, aboutIn(await about.json()));
}

/**
 * @param {string} scenario
 * @param {string} fault as a base URL spells it
 * @returns {Promise<Saved>}
 */
async function fetchScenario(scenario, fault) {
  const {
    frames,
    status = 200,
    contentType = SSE,
    framing,
    end = "whole",
  } = await fetchPlan(scenario, fault);
  // An HTTP/1.0 body ends with its connection, so a client cannot notice this cut.
  const isCut = (end === "drop" || end === "reset") && !(framing === "http10" && end === "drop");
  if (isCut && frames.length === 0) throw new Error("The connection is closed before any answer");
  const pieces = frames.map(([, text]) => encoder.encode(text));
  const body = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return readBytes(body, scenario.replace(":", "-"), {
    status,
    headers: { "content-type": contentType },
    chunks: frames.map(([at], index) => [at, pieces[index].length]),
    end: isCut ? "drop" : end,
  });
}

/**
 * @param {Inspector} inspector
 * @param {string} text
 */
function showText(inspector, text) {
  return inspector.show(() => {
    const saved = readBytes(encoder.encode(text), "pasted");
    return { ...saved, failure: saved.failure.replace(/^The file/, "The text") };
  });
}

/** @param {Inspector} inspector */
function listen(inspector) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    showText(inspector, pasted.value);
  });
  pasted.addEventListener("paste", (event) => {
    const copied = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (copied.length === 0 && text === "") return;
    event.preventDefault();
    // A field with megabytes would take seconds to lay out.
    pasted.value = text.length > MOST_IN_FIELD ? "" : text;
    if (copied.length > 0) inspector.show(() => read(copied));
    else showText(inspector, text);
  });
  files.addEventListener("change", () => {
    const picked = [...(files.files ?? [])];
    // The same file can be picked again after it has changed.
    files.value = "";
    if (picked.length > 0) inspector.show(() => read(picked));
  });
  for (const name of /** @type {const} */ (["dragover", "dragleave", "drop"])) {
    document.addEventListener(name, (event) => {
      const dropped = [...(event.dataTransfer?.files ?? [])];
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("is-over", name === "dragover");
      if (name === "drop" && dropped.length > 0) inspector.show(() => read(dropped));
    });
  }
  save.addEventListener("click", () => inspector.save());
  addEventListener("hashchange", () => follow(inspector));
}

try {
  const inspector = new Inspector(await fetchTable());
  listen(inspector);
  for (const control of [files, submit]) control.disabled = false;
  await follow(inspector);
} catch (error) {
  reportFailure(root, error);
}
