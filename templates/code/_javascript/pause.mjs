¶ The pause | Twice as long each time, with chance in it, so that many {{ "relays" if relay else "clients" }} do not come back at the same moment. What the server says counts more.
{{ function("function pause", {"error": "unknown", "tried": "number"}, "Seconds until the next try, or undefined if there should be none.") }}
  if (tried === ATTEMPTS || !isTemporary(error)) return undefined;
  const wait = 0.5 * 2 ** (tried - 1) * (0.75 + Math.random() / 4);
  const told = Number(Object(error).headers?.get("retry-after") ?? 0);
  // A date would need a parser, and {{ "a visitor does not wait for hours" if relay else "hours are no wait for a program" }}.
  return told <= LONGEST_WAIT ? Math.max(wait, told) : undefined;
}
