%% if prefill
  return [...messages, { role: "assistant", content: text.trimEnd() }];
%% else
  const content = `Your answer was interrupted. This much arrived:

<partial_answer>
${text}
</partial_answer>

Continue exactly where it stops. Repeat nothing.`;
  return [...messages, { role: "user", content }];
%% endif
