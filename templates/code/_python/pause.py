def pause(error: Exception, tried: int) -> float | None:
    """Seconds until the next try, or None if there should be none."""
    if tried == ATTEMPTS or not is_temporary(error):
        return None
    wait = 0.5 * 2.0 ** (tried - 1) * random.uniform(0.75, 1)
    if not isinstance(error, {{ Refused }}):
        return wait
    told = str({{ response_headers }}.get("retry-after", "0"))
    # A date would need a parser, and nobody waits for hours.
    if not told.replace(".", "", 1).isdecimal() or float(told) > LONGEST_WAIT:
        return None
    return max(wait, float(told))
