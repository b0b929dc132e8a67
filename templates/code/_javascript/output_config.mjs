%% if schema
{{ at }}output_config: {
%% if effort
{{ at }}  effort: {{ effort }},
%% endif
{{ at }}  format: { type: "json_schema", schema: SCHEMA },
{{ at }}},
%% elif effort
{{ at }}output_config: { effort: {{ effort }} },
%% endif
