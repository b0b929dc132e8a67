%% if temporary
// Errors inside a stream, which have no status, that are worth another try.
const TEMPORARY = [
  "overloaded_error",
  "api_error",
  "rate_limit_error",
  "timeout_error",
];
// No retry gets past a spend limit.
{{ constant_list("NEVER_RETRIED", never_retried) }}
%% endif
%% if retry
const ATTEMPTS = 3;
const LONGEST_WAIT = 60;
%% endif
