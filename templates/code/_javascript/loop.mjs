¶ The loop | Every block goes back as it came, thinking and its signature included. Nothing is run on a call that was cut, and no answer is complete with a call that nobody answers.
{{ function("async function converse", {"messages": messages_type}, "Asks, runs what Claude calls, and asks again until it has answered.") }}
  const history = [...messages];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const message = await {{ asking }}(history);
%% if usage
    report(message.usage);
%% endif
    const { content, stop_reason: reason } = message;
    const calls = content.filter((block) => block.type === "tool_use");
    if (reason === "end_turn" && calls.length > 0) {
      throw new Error("a tool call waits for its result, but it says end_turn");
    }
    if (reason !== "tool_use") return message;
    if (calls.length === 0 || calls.some((call) => "partial_json" in call)) {
      throw new Error("it stopped for a tool call, but has no whole one");
    }
    const names = calls.map((call) => call.name).join(", ");
    console.error(`\n[turn ${turn}: ${names}]`);
    history.push({ role: "assistant", content });
    history.push({ role: "user", content: calls.map(run) });
  }
  throw new Error(`no answer after ${TURNS} turns`);
}
