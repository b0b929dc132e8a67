¶ Every event | What is not text goes to stderr. Events, blocks and deltas of unknown types are passed over.
def tell(event: Json) -> None:
    """Show what comes beside the text."""
    match event:
        case {"type": "ping"}:
            print("[ping]", file=sys.stderr)
        case {"type": "content_block_start", "content_block": {"type": kind}}:
            print(f"\n[{kind}]", file=sys.stderr)
        case {"delta": {"type": "thinking_delta", "thinking": str(thinking)}}:
            print(thinking, end="", file=sys.stderr, flush=True)
        case {"delta": {"type": "input_json_delta", "partial_json": str(part)}}:
            print(part, end="", file=sys.stderr, flush=True)
        case {"delta": {"type": "citations_delta", "citation": {"cited_text": cited}}}:
            print(f"[cited: {cited}]", file=sys.stderr)
