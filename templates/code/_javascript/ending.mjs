%% set deeper = "  " if stop or breaker else ""
¶ From start to end | Every failure ends here, with a message and a status of its own. A pipe that nobody reads any more, as after `| head`, ends the program.
process.stdout.on("error", () => process.exit(3));
%% if save
rmSync(RAW, { force: true });
%% endif
try {
%% if not sdk
  if (!KEY) throw new Error("no ANTHROPIC_API_KEY");
%% endif
%% if count
%% if typed
  const messages: {{ messages_type }} = [
    { role: "user", content: PROMPT },
  ];
%% else
  /** @type {{ "{" ~ messages_type ~ "}" }} */
  const messages = [{ role: "user", content: PROMPT }];
%% endif
  await count(messages);
%% endif
  const message = await {{ "converse" if tool else asking }}({{ "messages" if count else '[{ role: "user", content: PROMPT }]' }});
%% if usage and not tool
  report(message.usage);
%% endif
  const reason = String(message.stop_reason);
%% if tool or not stream
  const isThinking = message.content.every((one) => /thinking$/.test(one.type));
  const isUsedUp = reason === "max_tokens" && isThinking;
%% else
  const isUsedUp = reason === "max_tokens" && !shown;
%% endif
  console.error(`\n[${reason}${isUsedUp ? ": thinking used it up" : ""}]`);
  process.exitCode = EXIT_STATUS.get(reason) ?? 3;
} catch (error) {
%% if stop
  if (stopped.signal.aborted) {
    console.error("\nStopped.");
%% if keep
    keep();
%% endif
    process.exitCode = 130;
%% endif
%% if breaker
  {{ "} else if" if stop else "if" }} (!shown && isTemporary(error)) {
    console.error(`Fallback shown: ${why(error)}`);
    console.log(FALLBACK);
    process.exitCode = 6;
%% endif
%% if stop or breaker
  } else {
%% endif
{{ deeper }}  console.error(`\n${shown ? "Incomplete" : "Failed"}: ${why(error)}`);
%% if keep
{{ deeper }}  keep();
%% endif
{{ deeper }}  process.exitCode = shown ? 3 : 1;
%% if stop or breaker
  }
%% endif
}
