%% include "_python/prices.py"


def report(usage: Json) -> None:
    """Tell tokens and cost, without surcharges for speed or region."""
    fresh, output = usage.get("input_tokens") or 0, usage.get("output_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    created = usage.get("cache_creation") or {}
    written_1h = created.get("ephemeral_1h_input_tokens") or 0
    read = usage.get("cache_read_input_tokens") or 0
%% if not in_log
    details = usage.get("output_tokens_details") or {}
    thinking = details.get("thinking_tokens") or 0
%% endif
    cost = (
        fresh * INPUT
        + (written - written_1h) * CACHE_WRITE_5M
        + written_1h * CACHE_WRITE_1H
        + read * CACHE_READ
        + output * OUTPUT
    ) / 1_000_000
    tokens = f"{fresh + written + read} tokens in, {output} out"
%% if in_log
    log.info("%s: $%.6f", tokens, cost)
%% else
    thought = f"{thinking} of them thinking"
    print(f"\n[{tokens}, {thought}: ${cost:.6f}]", file=sys.stderr)
%% endif
