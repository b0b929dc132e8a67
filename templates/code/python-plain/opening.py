%% if stream
    stream = events(
%% include "_python/arguments.py"
        messages=messages,
        stream=True,
    )
    with closing(stream):
%% else
    with post(
        "/v1/messages",
%% include "_python/arguments.py"
        messages=messages,
    ) as response:
%% if request_id
        print(f"[request {response.headers['request-id']}]", file=sys.stderr)
%% endif
        message: Json = json.load(response)
%% endif
