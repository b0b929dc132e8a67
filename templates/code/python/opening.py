%% if stream
    {{ async_ }}with {{ await_ }}client.messages.create(
%% include "_python/arguments.py"
        messages=messages,
        stream=True,
    ) as stream:
        kind = stream.response.headers.get("content-type", "no content-type")
        if not kind.lower().startswith("text/event-stream"):
            raise ConnectionError(f"no event stream, but {kind}")
        stream.response.stream = body = Watched(stream.response.stream)
%% if request_id
        print(f"[request {stream.response.headers.get('request-id')}]", file=sys.stderr)
%% endif
%% else
    answer = {{ await_ }}client.messages.create(
%% include "_python/arguments.py"
        messages=messages,
    )
%% if request_id
    print(f"[request {answer._request_id}]", file=sys.stderr)
%% endif
    message: Json = answer.to_dict()
%% endif
