// Ask a question that needs a tool, run the tool, and go on: for a few turns at most.
// The exit status is 0 only if Claude finished its answer.
import Anthropic from "@anthropic-ai/sdk";

const TURNS = 3;
/** @type {Anthropic.Tool} */
const FORECAST = {
  name: "get_forecast",
  description: "The weather forecast for a place.",
  input_schema: {
    type: "object",
    properties: { location: { type: "string" } },
    required: ["location"],
  },
};

const client = new Anthropic();

// #region tool
/**
 * The result of one call. A failure is a result too: Claude reads it, and can try again.
 * @param {Anthropic.ToolUseBlock} call
 * @returns {Anthropic.ToolResultBlockParam}
 */
function run({ id, name, input }) {
  const location = /** @type {{ location?: unknown }} */ (input).location;
  if (name === "get_forecast" && typeof location === "string") {
    const content = JSON.stringify({ location, rain_mm: 11, high_celsius: 7 });
    return { type: "tool_result", tool_use_id: id, content };
  }
  const content = `${name} cannot take ${JSON.stringify(input)}`;
  return { type: "tool_result", tool_use_id: id, content, is_error: true };
}
// #endregion

// #region loop
/**
 * One turn, shown as it comes. Rejects if the stream ended early.
 * @param {Anthropic.MessageParam[]} messages
 */
function ask(messages) {
  const stream = client.messages.stream({
    model: "claude-opus-5-5",
    max_tokens: 16_000,
    // What Claude says between calls comes as thinking, which is empty by default.
    thinking: { type: "adaptive", display: "summarized" },
    tools: [FORECAST],
    messages,
  });
  stream.on("text", (text) => process.stdout.write(text));
  stream.on("thinking", (thinking) => process.stderr.write(thinking));
  stream.on("signature", () => process.stderr.write("\n"));
  return stream.finalMessage();
}

/**
 * "" once Claude has finished, else why it has not.
 * @param {Anthropic.MessageParam[]} messages
 */
async function converse(messages) {
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const { content, stop_reason } = await ask(messages);
    if (stop_reason === "end_turn" || stop_reason === "stop_sequence") return "";
    if (stop_reason !== "tool_use") return `not finished: ${stop_reason}`;
    if (turn === TURNS) break;
    const calls = content.filter((block) => block.type === "tool_use");
    console.error(`\n[turn ${turn}: ['${calls.map((call) => call.name).join("', '")}']]`);
    // Every block goes back as it is, thinking and its signature included.
    messages.push({ role: "assistant", content });
    messages.push({ role: "user", content: calls.map(run) });
  }
  return `stopped after ${TURNS} turns; the last calls were not run`;
}
// #endregion

try {
  const why = await converse([{ role: "user", content: "Do I need a raincoat in Bergen?" }]);
  if (why) throw new Error(why);
} catch (error) {
  console.error(`\nfailed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
