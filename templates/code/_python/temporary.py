¶ What is temporary | By status and by type, as the API documents them. A spend limit that you set yourself fails until the month ends. What is no answer of the API at all is a broken connection, or bytes that are no stream.
def is_temporary(error: Exception) -> bool:
    """Whether another request may do better."""
    if not isinstance(error, anthropic.APIStatusError):
        return not isinstance(error, TypeError)
    if error.status_code == 200:
        return str(error.type) in TEMPORARY
    if isinstance(error, anthropic.EnforcedSpendLimitReachedError):
        return False
    told = str(error.response.headers.get("x-should-retry"))
    if told in ("true", "false"):
        return told == "true"
    status: int = error.status_code
    return status in (408, 409, 429) or status >= 500
