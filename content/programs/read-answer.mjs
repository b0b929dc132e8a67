// Reads the answers of chat-server.py in a page: one JSON object per line.

// #region read
/**
 * The pieces of one answer, `{ text }`, and at last `{ ended }`. Throws if that does not come.
 * @param {string} url
 * @param {string} question
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<{ text?: string, ended?: string }>}
 */
export async function* readAnswer(url, question, signal) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question }),
    signal,
  });
  if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error("the connection was lost");
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const piece = JSON.parse(line);
      if (piece.error) throw new Error(piece.error);
      yield piece;
      if (piece.ended) return;
    }
  }
}
// #endregion
