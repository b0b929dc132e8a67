// Ask, and ask again after a temporary failure, for as long as nothing was shown.
// The exit status is 0 for a whole answer, 3 if it broke off, 1 if no try succeeded.
import { setTimeout as sleep } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";

// #region rules
const ATTEMPTS = 4;
// In milliseconds: for all tries together, and for one wait.
const DEADLINE = 120_000;
const LONGEST_WAIT = 30_000;
const TEMPORARY = ["overloaded_error", "api_error", "rate_limit_error", "timeout_error"];
const NEVER_RETRIED = ["enforced_spend_limit_reached", "contract_spend_limit_reached"];

/**
 * Whether the same request may succeed later.
 * @param {unknown} error
 */
function isTemporary(error) {
  if (error instanceof Anthropic.APIUserAbortError) return false; // the deadline
  if (!(error instanceof Anthropic.APIError)) return true; // the network's
  if (NEVER_RETRIED.includes(String(error.errorCode))) return false;
  if (error instanceof Anthropic.APIConnectionError) return true;
  if (error.status === undefined) return TEMPORARY.includes(String(error.type)); // in the stream
  return [408, 409, 429].includes(error.status) || error.status >= 500;
}

/**
 * Milliseconds until the next try: longer each time, at random, as the server says.
 * @param {unknown} error
 * @param {number} tried
 */
function pause(error, tried) {
  if (tried === ATTEMPTS || !isTemporary(error)) return undefined;
  const longest = Math.min(500 * 2 ** tried, 8000);
  const told = error instanceof Anthropic.APIError && error.headers?.get("retry-after");
  const wait = Math.max(longest * (0.5 + Math.random() / 2), 1000 * Number(told || 0));
  return wait <= LONGEST_WAIT ? wait : undefined;
}
// #endregion

const client = new Anthropic({ maxRetries: 0, logLevel: "off" });
let shown = "";

// #region loop
/** @param {AbortSignal} signal */
async function ask(signal) {
  const stream = client.messages.stream(
    {
      model: "claude-opus-5-5",
      max_tokens: 16_000,
      messages: [{ role: "user", content: "Why is the night sky dark?" }],
    },
    { signal },
  );
  stream.on("text", (text) => {
    shown += text;
    process.stdout.write(text);
  });
  return stream.finalMessage();
}

async function askAgain() {
  const signal = AbortSignal.timeout(DEADLINE);
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask(signal);
    } catch (error) {
      const wait = pause(error, tried);
      if (shown || wait === undefined) throw error;
      console.error(`[${error}; try ${tried + 1} in ${Math.round(wait)} ms]`);
      await sleep(wait, undefined, { signal });
    }
  }
}
// #endregion

try {
  await askAgain();
} catch (error) {
  console.error(`\n[${error}]`);
  process.exitCode = shown ? 3 : 1;
}
