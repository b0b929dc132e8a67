¶ Putting it together | The tool's loop needs the whole message. A call is read when its block is closed: one that was cut is never run. Blocks of unknown types are kept as they came.
def collect(event: Json, blocks: dict[Any, Json]) -> None:
    """Put what an event brings into the blocks of the message, kept by their index."""
    block = blocks.get(event.get("index"), {})
    match event:
        case {"type": "message_start", "message": {"content": list(content)}}:
            blocks.update(enumerate(content))
        case {"index": index, "content_block": dict(new)}:
            blocks[index] = new
            if str(new.get("type")).endswith("tool_use"):
                new["fragments"] = ""
        case {"type": "content_block_delta", "delta": dict(delta)}:
            add(delta, block)
        case {"type": "content_block_stop"} if "fragments" in block:
            block["input"] = input_of(block.pop("fragments"), block)


def add(delta: Json, block: Json) -> None:
    """Put a delta into its block. Those of unknown types are passed over."""
    match delta:
        case {"type": "text_delta", "text": str(text)}:
            block["text"] = (block.get("text") or "") + text
        case {"type": "input_json_delta", "partial_json": str(part)}:
            block["fragments"] = block.get("fragments", "") + part
        case {"type": "thinking_delta", "thinking": str(thinking)}:
            block["thinking"] = (block.get("thinking") or "") + thinking
        case {"type": "signature_delta", "signature": signature}:
            block["signature"] = signature
        case {"type": "citations_delta", "citation": citation}:
            block["citations"] = [*(block.get("citations") or []), citation]


def input_of(fragments: str, call: Json) -> Json:
    """The input of a call. Raises ValueError if it is no JSON object."""
    value = json.loads(fragments) if fragments else call.get("input") or {}
    if not isinstance(value, dict):
        raise ValueError(f"a tool's input is no JSON object: {fragments}")
    return value


def whole(blocks: dict[Any, Json], reason: object) -> list[Json]:
    """The content of a message. Raises ValueError if a call is to be run but was cut."""
    if reason == "tool_use" and any("fragments" in block for block in blocks.values()):
        raise ValueError("the input of a tool's call was cut")
    # Halves of a character that came in two pieces are joined.
    content = json.dumps([*blocks.values()], ensure_ascii=False)
    text = content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return list(json.loads(text))
