¶ What is temporary | By status and by type, as the API documents them. No retry gets past the monthly usage threshold of your API tier, or the spend limit of your contract. What is no answer of the API at all is a broken connection, or bytes that are no stream.
{{ function("function isTemporary", {"error": "unknown"}, "Whether another request may do better.") }}
%% if not relay
%% if stop
  if (stopped.signal.aborted) return false;
%% endif
  // Without a key nothing is sent, now or later.
  if (!client.apiKey && !client.authToken) return false;
%% endif
%% if relay and chat
  // A history that is nested too deeply cannot be sent.
  if (error instanceof RangeError) return false;
%% endif
  if (!(error instanceof Anthropic.APIError)) return true;
  if (NEVER_RETRIED.includes(String(error.errorCode))) return false;
  if (error.status === undefined) {
    return error.type === null || TEMPORARY.includes(error.type);
  }
  const told = error.headers.get("x-should-retry");
  if (told === "true" || told === "false") return told === "true";
  return [408, 409, 429].includes(error.status) || error.status >= 500;
}
