/** What a saved file holds: server-sent events, events in another form, or something else. */

import { errorIn } from "../protocol/message.js";
import { isObject, jsonOf, parseJson, short, stringIn } from "../protocol/read.js";

/**
 * @typedef {object} Recognized
 * @property {string[] | null} frames events in another form, as the wire frames them; null where the
 *   file holds server-sent events
 * @property {string} note how the file differs from what a stream sends; "" where it does not
 */

const EVENT = /^(?:message_(?:start|delta|stop)|content_block_(?:start|delta|stop)|ping|error)$/;
const SHOWN = "shown here as a stream sends it.";
const BLANK_LINE = /(?:\r\n|\n|\r(?!\n))[\r\n]/;
// What `curl -i` writes before a body: the status, and the headers.
const HEAD = /^HTTP\/[\d.]+ (\d{3}).*((?:\r?\n.+)*)\r?\n\r?\n/;
// A web page has its title here, if anywhere.
const MOST_OF_HEAD = 10_000;
const WEB_PAGE = /^\s*<(?:!doctype html|html|head|body)\b/i;
// The first bytes of files that are compressed.
const COMPRESSED = Object.entries({
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  zip: [0x50, 0x4b, 0x03, 0x04],
});

/**
 * Throws an error that says what the file is, where it is no text.
 * @param {Uint8Array} bytes
 * @returns {{text: string, encoding: "utf-8" | "utf-16le" | "utf-16be"}}
 */
export function decoded(bytes) {
  if (bytes.length === 0) throw new Error("The file is empty.");
  const [compression] =
    COMPRESSED.find(([, magic]) => magic.every((one, i) => one === bytes[i])) ?? [];
  if (compression) {
    throw new Error(
      `The file is compressed with ${compression}: unpack it, and open what is in it.`,
    );
  }
  const encoding = encodingOf(bytes);
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.includes("\0")) throw new Error("The file is binary, not text.");
  if (text.trim() === "") throw new Error("The file has nothing but blank lines.");
  return { text, encoding };
}

/**
 * By the byte order mark, or by the zero that UTF-16 puts beside each Latin letter.
 * @param {Uint8Array} bytes
 */
function encodingOf([first, second]) {
  if ((first === 0xff && second === 0xfe) || (first > 0 && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second > 0)) return "utf-16be";
  return "utf-8";
}

/**
 * The head of a response before its body, the last one where there are several.
 * @param {string} file its text
 * @returns {{status: number, headers: Record<string, string>, length: number} | null}
 */
export function headOf(file) {
  let head = null;
  for (let length = 0; ; ) {
    const [whole, status, lines] = HEAD.exec(file.slice(length)) ?? [];
    if (whole === undefined) return head;
    const fields = lines.split(/\r?\n/).map((line) => line.split(/:\s*(.*)/));
    const headers = Object.fromEntries(
      fields.map(([name, value]) => [name.toLowerCase(), value ?? ""]),
    );
    length += whole.length;
    head = { status: Number(status), headers, length };
  }
}

/**
 * Throws an error that says what the file is, where it has no events.
 * @param {string} text of a body
 * @returns {Recognized}
 */
export function recognized(text) {
  const isFramed = /^event:/m.test(text) || (/^data:/m.test(text) && BLANK_LINE.test(text));
  if (isFramed) return { frames: null, note: "" };
  const whole = parseJson(text);
  if (whole === undefined) {
    const lines = text.split(/\r\n?|\n/).map((line) => line.replace(/^data:/, "").trim());
    const frames = framesOf(lines.filter(Boolean).map((line) => [parseJson(line), line]));
    if (frames) return { frames, note: `It has one event a line, ${SHOWN}` };
  } else if (!errorIn(text)) {
    const values = Array.isArray(whole) ? whole : [whole];
    const frames = framesOf(values.map((value) => [value, jsonOf(value)]));
    if (frames) return { frames, note: `It is JSON, ${SHOWN}` };
  }
  throw new Error(nameOf(text, whole));
}

/**
 * The frames of values with their JSON; null where none of them is an event. Whatever else is among
 * them becomes a frame too, so that it is seen.
 * @param {[unknown, string][]} entries
 */
function framesOf(entries) {
  let hasEvent = false;
  const frames = entries.map(([value, json]) => {
    // Programs that print what they receive wrap each event: {"type":"stream_event","event":{…}}.
    const isWrapped = isObject(value) && isObject(value.event);
    const event = isWrapped ? value.event : value;
    const type = isObject(event) ? stringIn(event.type) : "";
    hasEvent ||= EVENT.test(type);
    const name = /^\w+$/.test(type) ? `event: ${type}\n` : "";
    return `${name}data: ${isWrapped ? jsonOf(event) : json}\n\n`;
  });
  return hasEvent ? frames : null;
}

/**
 * What a text without events is, in one sentence.
 * @param {string} text
 * @param {any} value what its JSON stands for; undefined where it is no JSON
 */
function nameOf(text, value) {
  if (value?.type === "message") {
    const reason = stringIn(value.stop_reason);
    const end = reason ? `, which ended with ${short(reason)}` : "";
    return `The file is a whole message${end}: a request without streaming gets it, and it has no events to play.`;
  }
  const error = errorIn(text);
  if (error) {
    const about = [error.type, error.message].filter(Boolean).map((one) => short(one, 300));
    const sentence = about.join(": ").replace(/\.$/, "");
    return `The file is an error's body, before any stream: ${sentence}.`;
  }
  if (value !== undefined) return "The file is JSON, but neither events nor a message.";
  if (WEB_PAGE.test(text)) {
    const title = /<title[^>]*>([^<]*)/i.exec(text.slice(0, MOST_OF_HEAD))?.[1].trim();
    const name = title ? ` (${short(title)})` : "";
    return `The file is a web page${name}: a login or a proxy answered instead of the API.`;
  }
  return "The file is text without events: it has no data: lines.";
}
