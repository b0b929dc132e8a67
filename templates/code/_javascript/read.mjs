  const late = () => {{ limit }}.abort(new Error("no message_stop came"));
  setTimeout(late, 3_600_000).unref();
%% if typed
  let message: {{ message_type }} | undefined;
%% else
  /** @type {{ "{" ~ message_type ~ ("}" if message_type == "any" else " | undefined}") }} */
  let message;
%% endif
%% if tool
%% if typed
  const blocks: any[] = [];
%% else
  /** @type {any[]} */
  const blocks = [];
%% endif
  const opened = new Map();
%% endif
  let current = -1;
  for await (const event of {{ events }}) {
%% if all_events or notes
    tell(event);
%% endif
%% if tool
    collect(event, blocks, opened);
%% endif
    if (event.type === "message_start" && !message) {
      message = event.message;
      message?.content?.forEach(show);
%% if tool
      blocks.push(...(message?.content ?? []));
%% endif
    }
    if (event.type === "message_start" && message?.id !== event.message?.id) {
      throw new Error("another answer began before this one was complete");
    }
    if (event.type === "content_block_start") current = event.index;
    if (event.type === "content_block_start") show(event.content_block);
    if (event.type === "content_block_delta") {
      if (event.index !== current) console.error("[out of order]");
      current = event.index;
      show(event.delta);
    }
    if (event.type === "message_delta" && message) {
      message.stop_reason = event.delta?.stop_reason ?? message.stop_reason;
%% if usage
      message.usage = newest(message.usage, event.usage);
%% endif
      setTimeout(late, 10_000).unref();
    }
%% if tool
    if (event.type === "message_stop" && message) {
      return { ...message, content: blocks };
    }
%% else
    if (event.type === "message_stop" && message) return message;
%% endif
  }
  throw new Error("the stream ended before message_stop");
