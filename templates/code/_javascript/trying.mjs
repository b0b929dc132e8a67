%% set wanted = "wanted" if resume else "messages"
%% if retry

%% include "_javascript/pause.mjs"
%% endif
%% if resume

¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes the received text. Expect a word or two to differ at the join." }}
{{ function("function askForTheRest", {"messages": messages_type, "text": "string"}, "The messages of a request that goes on after the text that came.", messages_type) }}
%% include "_javascript/recipe.mjs"
}
%% endif
%% if keep

%% include "_javascript/keep.mjs"
%% endif
%% if retry

%% if resume
¶ Trying again | What has been shown stays, and the next request asks for the rest.
%% else
¶ Trying again | Once text has been shown, a new answer would only repeat it.
%% endif
{{ function("async function askAgain", {"messages": messages_type}, "`ask`, tried again after temporary failures, for what has not come yet." if resume else "`ask`, tried again after temporary failures while nothing has been shown.") }}
  const before = shown.length;
%% if resume
  let wanted = messages;
%% endif
  for (let tried = 1; ; tried += 1) {
%% if breaker
    if (!breaker.letsThrough()) throw new Error("circuit open, nothing sent");
%% endif
    try {
%% if breaker
      const message = await ask({{ wanted }});
      breaker.failures = 0;
      return message;
%% else
      return await ask({{ wanted }});
%% endif
    } catch (error) {
%% if breaker
      if (isTemporary(error)) breaker.failed();
%% endif
      const wait = pause(error, tried);
%% if resume
      if (wait === undefined) throw error;
      const came = shown.slice(before);
      if (came) wanted = askForTheRest(messages, came);
      const next = `${came.length} characters came, going on`;
      console.error(`\n[${why(error)}; ${next} in ${wait.toFixed(1)} s]`);
%% else
      if (wait === undefined || shown.length > before) throw error;
      console.error(`[${why(error)}; again in ${wait.toFixed(1)} s]`);
%% endif
%% if stop
      await sleep(1000 * wait, undefined, { signal: stopped.signal });
%% else
      await sleep(1000 * wait);
%% endif
    }
  }
}
%% elif breaker

¶ One request, guarded | Only failures of the service count: a request that is wrong says nothing about it.
{{ function("async function askGuarded", {"messages": messages_type}, "`ask`, unless the circuit is open.") }}
  if (!breaker.letsThrough()) throw new Error("circuit open, nothing sent");
  try {
    const message = await ask(messages);
    breaker.failures = 0;
    return message;
  } catch (error) {
    if (isTemporary(error)) breaker.failed();
    throw error;
  }
}
%% endif
