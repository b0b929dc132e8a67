// The final usage of a stream, put together from raw events. The exit status is 3 without one.

import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();
const stream = await client.messages.create({
  model: "claude-opus-5-5",
  max_tokens: 4096,
  messages: [{ role: "user", content: "Why is the night sky dark?" }],
  stream: true,
});

// #region usage
/** @type {Record<string, unknown>} */
const usage = {};
let complete = false;
try {
  for await (const event of stream) {
    if (event.type === "message_start") {
      Object.assign(usage, event.message.usage);
    } else if (event.type === "message_delta") {
      // The numbers count for the whole message: they replace the earlier ones.
      for (const [name, value] of Object.entries(event.usage)) {
        if (value !== null) usage[name] = value;
      }
    } else if (event.type === "message_stop") {
      complete = true;
    }
  }
} catch (error) {
  console.error(String(error));
}
// #endregion

if (complete) {
  console.log(JSON.stringify(usage, null, 2));
} else {
  console.error("[no final usage: the cost is unknown]");
  process.exitCode = 3;
}
