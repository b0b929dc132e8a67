¶ The counts | They are cumulative: a later one replaces an earlier one, null says nothing, and a smaller one is an error of what sent it. Only after a compaction, which `iterations` tells, they are of the last part.
def newest(before: Json | None, after: Json | None) -> Json:
    """The usage as of now."""
    known, told = before or {}, after or {}
    for name, count in told.items():
        is_less = isinstance(count, int) and count < (known.get(name) or 0)
        if count is not None and not (is_less and not told.get("iterations")):
            known[name] = count
    return known
