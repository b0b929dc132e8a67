¶ Usage and cost | Thinking is part of the output, and what comes from a cache is not part of `input_tokens`.{{ " Counts are cumulative: null says nothing, and none shrinks, but after a compaction." if stream }} Prices change, so look them up before you rely on them.
// US dollars for a million tokens, as of {{ prices_of }}.
const PRICE = {
  input: {{ price.input }},
  output: {{ price.output }},
  write5m: {{ price.write_5m }},
  write1h: {{ price.write_1h }},
  read: {{ price.read }},
};
%% if stream

{{ function("function newest", {"before": "any", "after": "any"}, "The counts as of now.") }}
  const counts = { ...before };
  for (const [name, count] of {{ 'Object.entries<any>' if typed else 'Object.entries' }}(after ?? {})) {
    const isLess = count < counts[name] && !after.iterations;
    if (count !== null && !isLess) counts[name] = count;
  }
  return counts;
}
%% endif

{{ function("function report", {"usage": "any"}, ("Logs" if relay else "Prints") ~ " tokens and cost, without surcharges for speed or region.") }}
  const { input_tokens: input, output_tokens: output } = usage ?? {};
  if (input == null || output == null) {
    console.error("{{ "usage unknown" if relay else "\\n[usage unknown]" }}");
    return;
  }
  const written = usage.cache_creation_input_tokens ?? 0;
  const written1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const read = usage.cache_read_input_tokens ?? 0;
%% if not relay
  const thinking = usage.output_tokens_details?.thinking_tokens ?? 0;
%% endif
  const cost =
    input * PRICE.input +
    (written - written1h) * PRICE.write5m +
    written1h * PRICE.write1h +
    read * PRICE.read +
    output * PRICE.output;
%% if relay
  const all = input + written + read;
  const dollars = (cost / 1_000_000).toFixed(6);
  console.log(`${all} tokens in, ${output} out: $${dollars}`);
%% else
  console.error(
    `\n[${input + written + read} tokens in, ${output} out, ` +
      `${thinking} of them thinking: $${(cost / 1_000_000).toFixed(6)}]`,
  );
%% endif
}
