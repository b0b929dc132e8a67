¶ Errors | All have the shape that Claude gives its own, so that the page needs to know only one. What Claude says is passed on; what this machine says goes into the log.
%% if typed
/** What went wrong: the SDK's error may only wrap it. */
function causeOf(error: unknown) {
%% else
/** @param {unknown} error The SDK's, which may only wrap what went wrong. */
function causeOf(error) {
%% endif
  let cause = error;
  while (cause instanceof Error && cause.cause) cause = cause.cause;
  return cause instanceof AggregateError ? cause.errors[0] : cause;
}

{{ function("function problem", {"type": "string", "message": "string"}, "An error of the relay's own.") }}
  return { type: "error", error: { type, message } };
}

{{ function("function explain", {"error": "unknown"}, "An HTTP status and an error for the page; the log gets all of it.") }}
  const cause = causeOf(error);
  console.error(String(cause));
%% if breaker
  if (isTemporary(error)) breaker.failed();
%% endif
  if (error instanceof Anthropic.APIError && (error.type || error.status)) {
    // An error inside a stream has no status.
    const status = error.status ?? 502;
    const unknown = `Claude was not reached: status ${status}.`;
    const body = error.type ? error.error : problem("api_error", unknown);
    return { status, body };
  }
%% if web
  // The SDK's own name for a late head, and that of the limit on silence.
  const isLate =
    error instanceof Anthropic.APIConnectionTimeoutError ||
    Object(cause).name === "TimeoutError";
%% else
  // The SDK's own name for a late head, and that of the agent for a silent body.
  const isLate =
    error instanceof Anthropic.APIConnectionTimeoutError ||
    Object(cause).code === "UND_ERR_BODY_TIMEOUT";
%% endif
  if (isLate) {
    const message = "Claude was silent for too long.";
    return { status: 504, body: problem("timeout_error", message) };
  }
  const message = "The connection to Claude broke off.";
  return { status: 502, body: problem("api_error", message) };
}
