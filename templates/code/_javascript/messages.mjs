%% if resume
    const messages = conversation({{ "history, " if chat }}question, String(partial));
%% elif chat
    const messages = [...history, { role: "user", content: question }];
%% elif typed
    const messages: {{ messages_type }} = [
      { role: "user", content: question },
    ];
%% else
    /** @type {Anthropic.MessageParam[]} */
    const messages = [{ role: "user", content: question }];
%% endif
