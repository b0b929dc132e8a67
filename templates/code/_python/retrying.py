%% if temporary
# An error inside a stream comes with status 200. These are worth another try.
TEMPORARY = ("overloaded_error", "api_error", "rate_limit_error", "timeout_error")
# No retry gets past a spend limit.
{{ constant_list("NEVER_RETRIED", never_retried) }}
%% endif
%% if retry
ATTEMPTS = 3
LONGEST_WAIT = 60.0
%% endif
