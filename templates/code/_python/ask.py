%% set notes_why = " What the newest models say between calls comes as thinking, and only with this `display`: it goes to stderr, since it is not the answer." if notes else ""
%% if stream
¶ One answer | {{ whole }}{{ notes_why }}
{{ async_ }}def ask(messages: list[{{ Message }}], shown: list[str]) -> Json:
    """Print the answer as it comes, and collect its text in `shown`."""
    message: Json = {}
%% if tool
    blocks: dict[Any, Json] = {}
%% endif
%% include opening
%% if sdk
        {{ async_ }}for received in stream:
            event: Json = received.to_dict()
%% else
        for event in stream:
%% endif
%% if all_events
            tell(event)
%% endif
%% if tool
            collect(event, blocks)
%% endif
            match event:
                case {"type": "message_start", "message": dict(start)}:
                    if message.setdefault("id", start.get("id")) != start.get("id"):
                        raise ConnectionError("another answer began inside this one")
                    message = start | message
                    for block in start.get("content") or []:
                        show(block.get("text") or "", shown)
                case {"delta": {"text": str(text)}} | {"content_block": {"text": text}}:
                    show(text or "", shown)
%% if notes and not all_events
                case {"delta": {"type": "thinking_delta", "thinking": str(thinking)}}:
                    print(thinking, end="", file=sys.stderr, flush=True)
                case {"delta": {"type": "signature_delta"}}:
                    print(file=sys.stderr)
%% endif
                case {"type": "message_delta", "delta": dict(delta)}:
                    message |= {name: delta[name] for name in delta if delta[name]}
%% if usage
                    message["usage"] = newest(message.get("usage"), event.get("usage"))
%% endif
%% if sdk
                    if message.get("stop_reason"):
                        body.deadline = min(body.deadline, time.monotonic() + LAST)
%% endif
                case {"type": "message_stop"} if "id" in message:
                    show("", shown, final=True)
%% if tool
                    message["content"] = whole(blocks, message.get("stop_reason"))
%% endif
                    return message
    raise ConnectionError("the stream ended before message_stop")
%% else
¶ One answer | Without streaming nothing is shown until the whole answer is there. A connection that is silent for so long may be cut on its way.{{ notes_why }}
{{ async_ }}def ask(messages: list[{{ Message }}], shown: list[str]) -> Json:
    """Print the answer once it is there, and collect its text in `shown`."""
%% include opening
    for block in message["content"]:
        if block["type"] == "text":
            show(block["text"], shown)
%% if notes
        elif block["type"] == "thinking":
            print(block["thinking"], file=sys.stderr)
%% endif
    show("", shown, final=True)
    return message
%% endif
