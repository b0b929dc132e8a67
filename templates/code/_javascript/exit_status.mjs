const EXIT_STATUS = new Map([
  ["end_turn", 0],
  ["stop_sequence", 0],
  ["tool_use", 0],
  ["refusal", 4],
  ["max_tokens", 5],
  ["model_context_window_exceeded", 5],
]);
