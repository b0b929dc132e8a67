def event_of(name: str, data: str) -> Json:
    """The event of a frame, {} if it is none. Raises ValueError for an unreadable part."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = None
    if isinstance(event, dict):
        return {"type": name} | event
    if name.startswith(("message_", "content_block_")):
        raise ValueError(f"{name} with data that is no JSON object: {data}")
    return {}
