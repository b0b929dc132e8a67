¶ What is temporary | By status and by type, as the API documents them. No retry gets past the monthly usage threshold of your API tier, or the spend limit of your contract. What is no answer of the API at all is a broken connection, or bytes that are no stream.
def is_temporary(error: Exception) -> bool:
    """Whether another request may do better."""
    if not isinstance(error, anthropic.APIStatusError):
        # Without a key, or with half a character, nothing can be sent.
        return not isinstance(error, (TypeError, UnicodeEncodeError))
    if error.error_code in NEVER_RETRIED:
        return False
    if error.status_code == 200:
        return str(error.type) in TEMPORARY
    told = str(error.response.headers.get("x-should-retry"))
    if told in ("true", "false"):
        return told == "true"
    status: int = error.status_code
    return status in (408, 409, 429) or status >= 500
