⟦# What the relays in Python share: parts that neither know the framework nor wait. #⟧
%% macro constants()
¶ What is asked | Model and limits are decided here, never by the page: whoever can open the page can send this relay anything.
%% if ends
# Deprecated: its end of life is {{ ends }}.
%% endif
MODEL = {{ model }}
MAX_TOKENS = {{ max_tokens }}
%% if system
{{ constant("SYSTEM", system) }}
%% endif
{{ constant("PROMPT", prompt) }}
%% if stop_sequences
{{ constant_list("STOP_SEQUENCES", stop_sequences) }}
%% endif
%% if breaker
{{ constant("FALLBACK", fallback) }}
%% endif
%% include "_python/retrying.py"
# The names of this relay; add that of your site.
HOSTS = ("127.0.0.1", "localhost")
MOST_CHARACTERS = 20_000
MOST_BYTES = {{ "1024 * 1024" if resume else "128 * 1024" }}
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    # Nothing on the way may collect the stream, or compress it in blocks.
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}
%% endmacro
%% macro arguments()
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
%% if effort
        output_config={"effort": {{ effort }}},
%% endif
        messages={{ "messages" if resume else '[{"role": "user", "content": question}]' }},
        stream=True,
%% endmacro
%% macro event()
            data = json.loads(event.data)
            if data["type"] == "error":
                raise anthropic.APIStatusError(event.data, response=response, body=data)
%% if usage
            if data["type"] == "message_start":
                usage = data["message"]["usage"]
            elif data["type"] == "message_delta":
                usage |= {name: n for name, n in data["usage"].items() if n is not None}
%% endif
            yield "\n".join([*event.raw, "", ""]).encode()
            if data["type"] == "message_stop":
%% if usage
                report(usage)
%% endif
                return
%% endmacro
%% macro breaker_class()


¶ The circuit breaker | After failures in a row nothing is sent for a while: the fallback answers at once, and the service can recover. A visitor who leaves is no failure.{{ "" if retry else " A failure counts once the SDK's own retries are used up." }}
@dataclass
class Breaker:
    """Open after `limit` failures in a row; every `pause` seconds one more try."""

    limit: int = 3
    pause: float = 30
    failures: int = 0
    next_try: float = 0

    def lets_through(self) -> bool:
        """Whether a request may be sent now."""
        if self.failures >= self.limit:
            if time.monotonic() < self.next_try:
                return False
            self.next_try = time.monotonic() + self.pause
        return True

    def failed(self) -> None:
        """Count a failure of the service."""
        self.failures += 1
        self.next_try = time.monotonic() + self.pause


BREAKER = Breaker()
%% endmacro
%% macro usage_report()


¶ Usage and cost | The last numbers of a whole message: thinking is part of the output, and what comes from a cache is not part of `input_tokens`. Prices change, so look them up before you rely on them.
%% include "_python/prices.py"


def report(usage: dict[str, Any]) -> None:
    """Log tokens and cost, without surcharges for speed or region."""
    fresh, out = usage.get("input_tokens") or 0, usage.get("output_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    created = usage.get("cache_creation") or {}
    written_1h = created.get("ephemeral_1h_input_tokens") or 0
    read = usage.get("cache_read_input_tokens") or 0
    cost = (
        fresh * INPUT
        + (written - written_1h) * CACHE_WRITE_5M
        + written_1h * CACHE_WRITE_1H
        + read * CACHE_READ
        + out * OUTPUT
    ) / 1_000_000
    log.info("%d tokens in, %d out: $%.6f", fresh + written + read, out, cost)
%% endmacro
%% macro is_temporary()


%% include "_python/temporary.py"
%% endmacro
%% macro pause()


¶ The pause | Twice as long each time, with chance in it, so that many relays do not come back at the same moment. What the server says counts more.
def pause(error: Exception, tried: int) -> float | None:
    """Seconds until the next try, or None if there should be none."""
    if tried == ATTEMPTS or not is_temporary(error):
        return None
    wait = 0.5 * 2.0 ** (tried - 1) * random.uniform(0.75, 1)
    if not isinstance(error, anthropic.APIStatusError):
        return wait
    told = str(error.response.headers.get("retry-after", "0"))
    # A date would need a parser, and a visitor does not wait for hours.
    if not told.replace(".", "", 1).isdecimal() or float(told) > LONGEST_WAIT:
        return None
    return max(wait, float(told))
%% endmacro
%% macro recipe()


¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes what has come. Expect a word or two to differ at the join." }} The page asks for the rest, because it also notices when its connection to this relay breaks.
%% include "_python/recipe.py"
def conversation(question: str, partial: str) -> list[MessageParam]:
    """The question, and after a break what has come of the answer."""
    messages: list[MessageParam] = [{"role": "user", "content": question}]
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
        if isinstance(error.body, dict) and "error" in error.body:
            return status, json.dumps(error.body)
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
