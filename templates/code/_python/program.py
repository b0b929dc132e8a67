¶ The text | A character that JSON writes as two halves may come in two pieces. What the console cannot show is replaced.
HALVES = codecs.getincrementaldecoder("utf-16-le")("replace")
if isinstance(sys.stdout, io.TextIOWrapper):
    sys.stdout.reconfigure(errors="replace")


def show(text: str, shown: list[str], final: bool = False) -> None:
    """Print a piece of the answer, and collect it in `shown`."""
    text = HALVES.decode(text.encode("utf-16-le", "surrogatepass"), final)
    if text:
        shown.append(text)
        print(text, end="", flush=True)
%% if stream and tool


%% include "_python/collect.py"
%% endif
%% if stream and all_events


%% include "_python/tell.py"
%% endif
%% if stream and usage


%% include "_python/newest.py"
%% endif


%% include "_python/ask.py"
%% if retry


¶ The pause | Twice as long each time, with chance in it, so that many do not come back at the same moment. What the server says counts more.
%% include "_python/pause.py"
%% endif
%% if resume


¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes the received text. Expect a word or two to differ at the join." }}
%% include "_python/recipe.py"
def ask_for_the_rest(messages: list[{{ Message }}], text: str) -> list[{{ Message }}]:
    """The messages of a request that goes on after the text that came."""
%% if prefill
    return [*messages, {"role": "assistant", "content": text.rstrip()}]
%% else
    return [*messages, {"role": "user", "content": CONTINUE.format(text=text)}]
%% endif
%% endif
%% if keep


%% include "_python/keep.py"
%% endif
%% if retry


¶ Trying again | {{ sdk_loop }}{{ "What has been shown stays, and the next request asks for the rest." if resume else "Once text has been shown, a new answer would only repeat it." }}
{{ async_ }}def ask_again(messages: list[{{ Message }}], shown: list[str]) -> Json:
%% if resume
    """`ask`, tried again after temporary failures, for what has not come yet."""
    before, wanted = len(shown), messages
%% else
    """`ask`, tried again after temporary failures while nothing has been shown."""
    before = len(shown)
%% endif
    tried = 0
    while True:
%% if breaker
        if not BREAKER.lets_through():
            raise ConnectionRefusedError("circuit open, nothing was sent")
%% endif
        try:
%% if breaker
            message = {{ await_ }}ask({{ "wanted" if resume else "messages" }}, shown)
            BREAKER.failures = 0
            return message
%% else
            return {{ await_ }}ask({{ "wanted" if resume else "messages" }}, shown)
%% endif
        except Exception as error:
            tried += 1
%% if breaker
            if is_temporary(error):
                BREAKER.failed()
%% endif
            wait = pause(error, tried)
%% if resume
            if wait is None:
                raise
            came = "".join(shown[before:])
            if came:
                wanted = ask_for_the_rest(messages, came)
            again = f"{len(came)} characters came, going on in {wait:.1f} s"
%% else
            if wait is None or len(shown) > before:
                raise
            again = f"again in {wait:.1f} s"
%% endif
            print(f"\n[{words(error)}; {again}]", file=sys.stderr)
            {{ sleep }}(wait)
%% elif breaker


¶ One request, guarded | Only failures of the service count: a request that is wrong says nothing about it.
{{ async_ }}def ask_guarded(messages: list[{{ Message }}], shown: list[str]) -> Json:
    """`ask`, unless the circuit is open."""
    if not BREAKER.lets_through():
        raise ConnectionRefusedError("circuit open, nothing was sent")
    try:
        message = {{ await_ }}ask(messages, shown)
    except Exception as error:
        if is_temporary(error):
            BREAKER.failed()
        raise
    BREAKER.failures = 0
    return message
%% endif
%% if tool


¶ The loop | Every block goes back as it came, thinking and its signature included. Nothing is run on a call that was cut: its stop reason is another one.
{{ async_ }}def converse(messages: list[{{ Message }}], shown: list[str]) -> Json:
    """Ask, run the tools that Claude calls, and ask again until it has answered."""
    for turn in range(1, TURNS + 1):
        message = {{ await_ }}{{ asking }}(messages, shown)
%% if usage
        report(message.get("usage") or {})
%% endif
        calls = [block for block in message["content"] if block["type"] == "tool_use"]
        reason = message.get("stop_reason")
        if reason == "tool_use" and not calls:
            raise ValueError("it stopped for a tool call that is not there")
        if reason != "tool_use":
            if calls and reason in COMPLETE:
                raise ValueError(f"a tool call waits, but it stopped with {reason}")
            return message
        names = ", ".join(call["name"] for call in calls)
        print(f"\n[turn {turn}: {names}]", file=sys.stderr)
        messages = [
            *messages,
            {"role": "assistant", "content": message["content"]},
            {"role": "user", "content": [run(call) for call in calls]},
        ]
    raise OSError(f"no answer after {TURNS} turns")
%% endif
%% if usage


¶ Usage and cost | The usage of a whole message: thinking is part of the output, and what comes from a cache is not part of `input_tokens`. Prices change, so look them up before you rely on them.
%% include "_python/report.py"
%% endif
%% if count


¶ Counting first | Free, with limits of its own, and an estimate. If it fails, the request is made all the same.
%% include "_python/count.py"
%% endif


¶ From start to end | Every failure ends here, with a message and a status of its own.
{{ async_ }}def main() -> int:
%% if save
    RAW.unlink(missing_ok=True)
%% endif
%% if count
    messages: list[{{ Message }}] = [{"role": "user", "content": PROMPT}]
%% endif
    shown: list[str] = []
    try:
%% if count
        {{ await_ }}count(messages)
%% endif
        message = {{ await_ }}{{ "converse" if tool else asking }}({{ "messages" if count else '[{"role": "user", "content": PROMPT}]' }}, shown)
    except Exception as error:
%% if breaker
        if not shown and is_temporary(error):
            print(f"Fallback shown: {words(error)}", file=sys.stderr)
            print(FALLBACK)
            return 6
%% endif
        how = "Incomplete" if shown else "Failed"
        print(f"\n{how}: {words(error)}", file=sys.stderr)
%% if keep
        keep(shown)
%% endif
        return 3 if shown else 1
%% if stop
    except {{ "(KeyboardInterrupt, asyncio.CancelledError)" if asynchronous else "KeyboardInterrupt" }}:
        print("\nStopped.", file=sys.stderr)
%% if keep
        keep(shown)
%% endif
        return 130
%% endif
%% if usage and not tool
    report(message.get("usage") or {})
%% endif
    reason = str(message.get("stop_reason"))
    if reason == "max_tokens" and not shown:
        print("\nNo text came: thinking used it up.", file=sys.stderr)
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit({{ "asyncio.run(main())" if asynchronous else "main()" }})
