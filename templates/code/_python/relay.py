⟦# What the relays in Python share: parts that neither know the framework nor wait. #⟧
%% macro constants()
¶ What is asked | Model and limits are decided here, never by the page: whoever can open the page can send this relay anything.
Json = dict[str, Any]
%% include "_python/settings.py"
# In seconds: a whole answer, and what follows its stop reason.
LONGEST, LAST = 3600, 20
%% include "_python/retrying.py"
# The names of this relay; add that of your site.
HOSTS = ("127.0.0.1", "localhost")
MOST_CHARACTERS = 20_000
MOST_BYTES = {{ "1024 * 1024" if many else "128 * 1024" }}
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    # Nothing on the way may collect the stream, or compress it in blocks.
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}
%% endmacro
%% macro arguments()
%% include "_python/arguments.py"
%% if chat
        cache_control={"type": "ephemeral"},
%% endif
        messages=messages,
        stream=True,
%% endmacro
%% macro reading(Stream, Generator)


¶ One request | What Claude refuses is raised. The response is open then, and nothing of its body has been read.
{{ async_ }}def ask(messages: list[MessageParam]) -> httpx2.Response:
    """Send a request to Claude."""
    stream = {{ await_ }}client.messages.create(
{{ arguments() }}    )
    return stream.response


¶ One event | What is no JSON object is passed over, unless it is a part of the answer; an error event is an error with any data.
%% include "_python/event_of.py"


¶ Its events | Each goes on with the data that came, pings and padding included, and as soon as it is whole: half an event cannot be followed by an error. Comments and retry lines stay here. Only `message_stop` says that an answer is whole.
{{ async_ }}def events_of(response: httpx2.Response) -> {{ Generator }}[bytes]:
    """The events up to `message_stop`. Raises whatever ends them sooner."""
    kind = response.headers.get("content-type", "no content-type")
    response.stream = body = Watched(response.stream)
    ids: set[object] = set()
%% if usage
    usage: Json = {}
%% endif
    try:
        if not kind.lower().startswith("text/event-stream"):
            raise ConnectionError(f"no event stream, but {kind}")
        {{ async_ }}for frame in anthropic.{{ Stream }}.raw_events(response):
            event = event_of(frame.event or "", frame.data)
            if "error" in (frame.event, event.get("type")):
                told = frame.data
                raise anthropic.APIStatusError(told, response=response, body=event)
            match event:
                case {"type": "message_start", "message": dict(start)}:
                    ids.add(start.get("id"))
                    if len(ids) > 1:
                        raise ConnectionError("another answer began inside this one")
%% if usage
                    usage = newest(usage, start.get("usage"))
%% endif
                case {"type": "message_delta", "delta": dict(delta)}:
                    if delta.get("stop_reason"):
                        body.deadline = min(body.deadline, time.monotonic() + LAST)
%% if usage
                    usage = newest(usage, event.get("usage"))
%% endif
                case {"type": "message_stop"} if not ids:
                    raise ConnectionError("message_stop came without a message")
            if event:
                # Data of several lines becomes one: JSON has line feeds between values only.
                data = frame.data.replace("\n", " ")
                yield f"event: {event['type']}\ndata: {data}\n\n".encode()
            if event.get("type") == "message_stop":
%% if usage
                report(usage)
%% endif
                return
        raise ConnectionError("the stream ended before message_stop")
    finally:
        {{ await_ }}response.{{ "aclose" if asynchronous else "close" }}()
%% if usage


%% include "_python/newest.py"


¶ Usage and cost | The last numbers of a whole message: thinking is part of the output, and what comes from a cache is not part of `input_tokens`. Prices change, so look them up before you rely on them.
%% set in_log = true
%% include "_python/report.py"
%% endif
%% endmacro
%% macro breaker_class()


%% set breaker_limit = 3
%% set breaker_note = " A visitor who leaves is no failure." ~ ("" if retry else " A failure counts once the SDK's own retries are used up.")
%% include "_python/breaker.py"
%% endmacro
%% macro is_temporary()


%% include "_python/temporary.py"
%% endmacro
%% macro pause()


¶ The pause | Twice as long each time, with chance in it, so that many do not come back at the same moment. What the server says counts more.
%% set Refused, response_headers = "anthropic.APIStatusError", "error.response.headers"
%% include "_python/pause.py"
%% endmacro
%% macro recipe()


¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes the received text. Expect a word or two to differ at the join." }} The page asks for the rest, because it also notices when its connection to this relay breaks.
%% include "_python/recipe.py"
%% if chat
def conversation(history: list[Any], question: str, partial: str) -> list[MessageParam]:
%% else
def conversation(question: str, partial: str) -> list[MessageParam]:
%% endif
    """The question, and after a break the received part of the answer."""
    messages: list[MessageParam] = [{{ "*history, " if chat }}{"role": "user", "content": question}]
    if partial.strip():
%% if prefill
        messages.append({"role": "assistant", "content": partial.rstrip()})
%% else
        rest = CONTINUE.format(text=partial)
        messages.append({"role": "user", "content": rest})
%% endif
    return messages
%% endmacro
%% macro is_own()


¶ Who may ask | Any page in a browser can send requests to this machine, so this relay looks at who asks. Programs send no `Origin`, and browsers do with every question.
def is_own(host: str, origin: str) -> bool:
    """Whether a request comes from this relay's own page."""
    # Another site can make its own name point here (DNS rebinding), but not have this
    # one; and from under its own address it may not spend the key.
    own_page = origin in ("", f"http://{host}", f"https://{host}")
    return own_page and host.partition(":")[0] in HOSTS
%% endmacro
%% macro errors()


¶ Errors | All have the shape that Claude gives its own, so that the page needs to know only one. What Claude says is passed on; what this machine says goes into the log.
def problem(kind: str, message: str{{ ", **details: str" if breaker else "" }}) -> str:
    """An error of the relay's own."""
%% if breaker
    error = {"type": kind, "message": message, "details": details}
%% else
    error = {"type": kind, "message": message}
%% endif
    return json.dumps({"type": "error", "error": error})


def explain(error: Exception) -> tuple[int, str]:
    """An HTTP status and an error for the page; the log gets all of it."""
    log.warning("%s: %s", type(error).__name__, error)
%% if breaker
    if is_temporary(error):
        BREAKER.failed()
%% endif
    if isinstance(error, anthropic.APIStatusError):
        # An error inside a stream comes with status 200.
        status = 502 if error.status_code == 200 else error.status_code
        match error.body:
            case {"error": {"type": str(), "message": str()}}:
                return status, json.dumps(error.body)
        if error.status_code == 200:
            return status, problem("api_error", str(error)[:300])
        return status, problem("api_error", f"Claude was not reached: status {status}.")
    if isinstance(error, (anthropic.APITimeoutError, httpx2.TimeoutException)):
        return 504, problem("timeout_error", "Claude was silent for too long.")
    return 502, problem("api_error", "The connection to Claude broke off.")
%% endmacro
%% macro page()


¶ The page | It shows the text as text, never as HTML, and says how the answer ended. A screen reader announces the state at once and the answer when it is done, not piece by piece.
PAGE = r"""
%% include "_page.html"
"""
%% endmacro
