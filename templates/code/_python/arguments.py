        model=MODEL,
        max_tokens=MAX_TOKENS,
%% if system
        system=SYSTEM,
%% endif
%% if stop_sequences
        stop_sequences=STOP_SEQUENCES,
%% endif
%% if display
        thinking={"type": "adaptive", "display": {{ display }}},
%% endif
%% if schema
        output_config={
%% if effort
            "effort": {{ effort }},
%% endif
            "format": {"type": "json_schema", "schema": SCHEMA},
        },
%% elif effort
        output_config={"effort": {{ effort }}},
%% endif
%% if tool
        tools=[TOOL],
%% endif
