%% if ends
# Deprecated: its end of life is {{ ends }}.
%% endif
MODEL = {{ model }}
MAX_TOKENS = {{ max_tokens }}
%% if system
{{ constant("SYSTEM", system) }}
%% endif
{{ constant("PROMPT", prompt) }}
%% if schema
{{ value("SCHEMA: Json = ", schema) }}
%% endif
%% if stop_sequences
{{ constant_list("STOP_SEQUENCES", stop_sequences) }}
%% endif
%% if breaker
{{ constant("FALLBACK", fallback) }}
%% endif
