{{ async_ }}def count(messages: list[{{ Message }}]) -> None:
    """Tell how many tokens the request has."""
    try:
%% if sdk
        counted = {{ await_ }}client.messages.count_tokens(
%% else
        with post(
            "/v1/messages/count_tokens",
%% endif
            model=MODEL,
%% if system
            system=SYSTEM,
%% endif
%% if tool
            tools=[TOOL],
%% endif
            messages=messages,
%% if sdk
        )
        tokens = counted.input_tokens
%% else
        ) as response:
            tokens = json.load(response)["input_tokens"]
%% endif
    except Exception as error:
        print(f"[not counted: {words(error)}]", file=sys.stderr)
    else:
        print(f"[about {tokens} tokens in]", file=sys.stderr)
