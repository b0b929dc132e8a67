// Reads an answer from an event stream, with nothing but the platform: a page loads this file as a
// module and asks its relay; Node runs it and asks the API.

/** @typedef {import("@anthropic-ai/sdk").Anthropic.RawMessageStreamEvent} ApiEvent */
/** @typedef {{ type: "ping" } | { type: "error", error: { type: string, message: string } }} OtherEvent */

// #region reader
/**
 * The events of a stream, parsed. Leaving the loop early closes the connection.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @returns {AsyncGenerator<ApiEvent | OtherEvent, void>}
 */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const frames = (rest + value).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const data = frame.split("\n").find((line) => line.startsWith("data:"));
        if (data) yield JSON.parse(data.slice("data:".length));
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
// #endregion

// #region answer
/**
 * Shows the text of an answer as it comes, and resolves to its stop reason.
 * @param {Response} response
 * @param {(text: string) => void} show
 */
export async function readAnswer(response, show) {
  if (!response.ok || !response.body) {
    throw new Error(`Status ${response.status}: ${await response.text()}`);
  }
  let stopReason = null;
  for await (const event of events(response.body)) {
    switch (event.type) {
      case "message_start":
        stopReason = event.message.stop_reason;
        break;
      case "content_block_delta":
        if (event.delta.type === "text_delta") show(event.delta.text);
        break;
      case "message_delta":
        stopReason = event.delta.stop_reason;
        break;
      case "error":
        throw new Error(`${event.error.type}: ${event.error.message}`);
      case "message_stop":
        return stopReason;
    }
  }
  throw new Error("The stream ended early.");
}
// #endregion

// #region page
/**
 * Lets a form ask the relay: a field "question", a button "stop" and an <output>.
 * @param {HTMLFormElement} form
 */
function connect(form) {
  const output = form.querySelector("output");
  const stop = form.querySelector("button[name=stop]");
  if (!output || !stop) return;
  form.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    const stopped = new AbortController();
    stop.addEventListener("click", () => stopped.abort(), { once: true });
    output.textContent = "";
    try {
      const response = await fetch("/answer", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(Object.fromEntries(new FormData(form))),
        signal: stopped.signal,
      });
      const stopReason = await readAnswer(response, (text) => output.append(text));
      if (stopReason === "refusal") output.textContent = "Claude declined to answer.";
      if (stopReason === "max_tokens") output.append(" [cut at the length limit]");
    } catch (error) {
      output.append(`\n[${error instanceof Error ? error.message : error}]`);
    }
  });
}
// #endregion

if (typeof document === "undefined") {
  const address = process.env.ANTHROPIC_BASE_URL ?? "https://api.anthropic.com";
  const response = await fetch(`${address}/v1/messages`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${process.env.ANTHROPIC_API_KEY}`,
      "anthropic-version": "2026-10-21",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      model: "claude-opus-5-5",
      max_tokens: 2048,
      stream: true,
      messages: [{ role: "user", content: "Why is the sky dark at night?" }],
    }),
  });
  const stopReason = await readAnswer(response, (text) => process.stdout.write(text));
  console.error(`\n[${stopReason}]`);
} else {
  for (const form of document.forms) connect(form);
}
