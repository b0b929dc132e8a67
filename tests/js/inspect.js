/** For tests/test_inspection.py: what the page finds in each of many bodies. */

import { text } from "node:stream/consumers";
import { aboutIn, played, readBytes } from "../../static/js/sources/saved.js";
import { EventLog } from "../../static/js/stream/event-log.js";
import { inspect } from "../../static/js/stream/inspection.js";

/** @type {{body: string, about: any}[]} bodies in base64, with the descriptions of recordings */
const given = JSON.parse(await text(process.stdin));
const found = given.map(async ({ body, about }) => {
  const bytes = new Uint8Array(Buffer.from(body, "base64"));
  const log = new EventLog();
  if (about) {
    await played(async () => readBytes(bytes, "", aboutIn(about))).open(log);
  } else {
    log.feed(bytes, 0);
    log.end();
  }
  const rules = inspect(log, bytes);
  return rules.map(({ rule, event, offset, count }) => [rule, event, offset, count]);
});
process.stdout.write(JSON.stringify(await Promise.all(found)));
