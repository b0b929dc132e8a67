  for (const block of message.content) {
    if (block.type === "text") {
      shown += block.text;
      process.stdout.write(block.text);
    }
%% if notes
    if (block.type === "thinking") console.error(block.thinking);
%% endif
  }
  return message;
