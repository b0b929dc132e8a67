// A limit on the silence between two bytes. Argument: the limit in seconds.
// The exit status is 0 if the answer is complete, 3 if the stream failed.

import Anthropic from "@anthropic-ai/sdk";

// #region fetch
/**
 * `fetch` with a body that fails when no byte comes for a while. Pings count as bytes.
 * @param {number} seconds
 * @returns {typeof fetch}
 */
function fetchWithStallLimit(seconds) {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!response.body) return response;
    /** @type {NodeJS.Timeout} */
    let timer;
    /** @param {TransformStreamDefaultController<Uint8Array>} controller */
    const restart = (controller) => {
      clearTimeout(timer);
      const error = new Error(`no byte for ${seconds} s`);
      timer = setTimeout(() => controller.error(error), seconds * 1000).unref();
    };
    const guard = new TransformStream({
      start: restart,
      transform(chunk, controller) {
        restart(controller);
        controller.enqueue(chunk);
      },
      flush: () => clearTimeout(timer),
    });
    return new Response(response.body.pipeThrough(guard), response);
  };
}

const client = new Anthropic({ fetch: fetchWithStallLimit(Number(process.argv[2] ?? 120)) });
// #endregion

const stream = client.messages.stream({
  model: "claude-opus-5-5",
  max_tokens: 4096,
  messages: [{ role: "user", content: "Why is the night sky dark?" }],
});
stream.on("text", (delta) => process.stdout.write(delta));
try {
  await stream.finalMessage();
} catch (error) {
  console.error(`\n[${error}]`);
  process.exitCode = 3;
}
