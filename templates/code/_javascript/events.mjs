¶ What an event brings | {{ "Text goes to stdout, all else to stderr. " if all_events or notes }}A piece without text is no text.{{ " Blocks and deltas of unknown types are passed over, and kept as they came. A call whose input is no JSON object is not run: Claude reads what it sent. One that was cut keeps its `partial_json`." if tool }}{{ notes_why }}
{{ function("function show", {"piece": "any"}, "Prints the text of a block or a delta, if it has one.") }}
  const isText = /^text(_delta)?$/.test(piece?.type);
  const text = isText && typeof piece.text === "string" ? piece.text : "";
  shown += text;
  process.stdout.write(text);
}
%% if all_events or notes

{{ function("function tell", {"event": "any"}, "Prints what comes beside the text.") }}
%% if all_events
  const { type, content_block: block, delta } = event;
%% if not sdk
  if (type === "ping") console.error("[ping]");
%% endif
  if (type === "content_block_start") console.error(`\n[${block?.type}]`);
  process.stderr.write(`${delta?.thinking ?? delta?.partial_json ?? ""}`);
  if (delta?.citation) console.error(`[cited: ${delta.citation.cited_text}]`);
%% else
  process.stderr.write(`${event.delta?.thinking ?? ""}`);
  if (event.delta?.signature) console.error();
%% endif
}
%% endif
%% if tool

{{ function("function inputOf", {"json": "string"}, "The input of a call, or what was sent in its place.") }}
  try {
    const input = JSON.parse(json);
    if (/^\s*\{/.test(json)) return input;
  } catch {}
  return { INVALID_JSON: json };
}

// The field of each type of delta that brings a piece of it.
const STREAMED = new Map([
  ["text_delta", "text"],
  ["thinking_delta", "thinking"],
  ["input_json_delta", "partial_json"],
]);

{{ function("function add", {"delta": "any", "block": "any"}, "Puts a delta into its block.") }}
  const { type, signature, citation } = delta ?? {};
  const field = STREAMED.get(type);
  if (field) block[field] = (block[field] ?? "") + (delta[field] ?? "");
  if (type === "signature_delta") block.signature = signature;
  if (type === "citations_delta") {
    block.citations = [...(block.citations ?? []), citation];
  }
}

{{ function("function collect", {"event": "any", "blocks": "any[]", "opened": "Map<number, any>"}, "Puts what an event brings into the blocks of the message.") }}
  const { type, index, content_block: start, delta } = event;
  if (type === "content_block_start") {
    const isCall = /tool_use$/.test(start?.type);
    opened.set(index, isCall ? { ...start, partial_json: "" } : { ...start });
    blocks.push(opened.get(index));
  }
  const block = opened.get(index);
  if (type === "content_block_delta" && block) add(delta, block);
  if (type === "content_block_stop" && block?.partial_json !== undefined) {
    const { partial_json: json, input = {} } = block;
    block.input = json ? inputOf(json) : input;
    delete block.partial_json;
  }
}
%% endif
