/** For tests/test_inspection.py: the rules that the page finds broken in each of many bodies. */

import { text } from "node:stream/consumers";
import { EventLog } from "../../static/js/stream/event-log.js";
import { inspect } from "../../static/js/stream/inspection.js";

/** @type {Record<string, string>} bodies in base64, by name */
const bodies = JSON.parse(await text(process.stdin));
const found = Object.entries(bodies).map(([name, body]) => {
  const bytes = new Uint8Array(Buffer.from(body, "base64"));
  const log = new EventLog();
  log.feed(bytes, 0);
  log.end();
  const rules = inspect(log, bytes);
  return [name, rules.map(({ rule, event, offset, count }) => [rule, event, offset, count])];
});
process.stdout.write(JSON.stringify(Object.fromEntries(found)));
