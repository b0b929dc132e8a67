{{ function("function eventOf", {"name": "string", "data": "string"}, "The event of a frame.") }}
%% if typed
  let value: any = data;
%% else
  /** @type {any} */
  let value = data;
%% endif
  try {
    value = JSON.parse(data);
  } catch {}
  if (name === "error" || value?.type === "error") {
    throw {{ event_error }};
  }
  if (Object(value) === value) return { type: name, ...value };
  if (!/^(message|content_block)_/.test(name)) return { type: name };
  throw new Error(`${name} without JSON: ${data.slice(0, 80)}`);
}
