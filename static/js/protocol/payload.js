/** What an event brings, told from what frames it. */

import { streamedText } from "./message.js";
import { jsonOf, objectIn, stringIn } from "./read.js";

/** @typedef {import("./message.js").WireObject} WireObject */

/**
 * @typedef {object} Payload
 * @property {string} place the block that it is for, as `[0]`; "" where it is for none
 * @property {string} kind the type of the block or delta
 * @property {string} text what it brings: text, thinking, partial JSON, a stop reason, an error
 * @property {string} rest the other values, as JSON
 */

/**
 * @param {WireObject | null} event
 * @returns {Payload}
 */
export function payloadOf(event) {
  const { type, index, ...rest } = event ?? {};
  const place = index === undefined ? "" : `[${jsonOf(index)}]`;
  switch (type) {
    case "content_block_start": {
      const { type: kind, text, thinking, name, ...more } = objectIn(rest.content_block);
      const brings = [text, thinking, name].map(stringIn).find(Boolean) ?? "";
      return { place, kind: stringIn(kind), text: brings, rest: restOf(more) };
    }
    case "content_block_delta": {
      const { type: kind, ...delta } = objectIn(rest.delta);
      const text = streamedText(event);
      return { place, kind: stringIn(kind), text, rest: text ? "" : restOf(delta) };
    }
    case "message_start":
      return { place, kind: "", text: "", rest: restOf(objectIn(rest.message)) };
    case "message_delta": {
      const reason = stringIn(objectIn(rest.delta).stop_reason);
      const kind = reason ? "stop_reason" : "";
      return { place, kind, text: reason, rest: restOf(objectIn(rest.usage)) };
    }
    case "error": {
      const { type: kind, message } = objectIn(rest.error);
      return { place, kind: "", text: stringIn(kind), rest: stringIn(message ?? rest.error) };
    }
    default:
      return { place, kind: "", text: "", rest: restOf(rest) };
  }
}

/** @param {WireObject} fields */
function restOf(fields) {
  return Object.keys(fields).length === 0 ? "" : jsonOf(fields);
}
