%% if ends
// Deprecated: its end of life is {{ ends }}.
%% endif
const MODEL = {{ model }};
const MAX_TOKENS = {{ max_tokens }};
%% if system
{{ constant("SYSTEM", system) }}
%% endif
{{ constant("PROMPT", prompt) }}
%% if schema
{{ value("const SCHEMA = ", schema) }};
%% endif
%% if stop_sequences
{{ constant_list("STOP_SEQUENCES", stop_sequences) }}
%% endif
%% if breaker
{{ constant("FALLBACK", fallback) }}
%% endif
