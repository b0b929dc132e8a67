const dispatcher = new Agent({
  connect: { timeout: {{ connect_ms }} },
  headersTimeout: {{ silence_ms }},
  bodyTimeout: {{ silence_ms }},
});
