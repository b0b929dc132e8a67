¶ What went wrong | What is thrown may only wrap what went wrong, and an error may be a whole page of a proxy: one line has to do.
{{ function("function why", {"error": "any"}, "What went wrong, in one line.") }}
  let cause = error;
  while (cause?.cause) cause = cause.cause;
  const line = String(cause?.errors ?? cause).replace(/\s+/g, " ");
  return line.replace(/<(!doctype|html).*/i, "a web page").slice(0, 300);
}
