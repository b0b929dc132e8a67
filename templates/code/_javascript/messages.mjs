%% if resume
    const messages = conversation({{ "history, " if chat }}question, String(partial));
%% elif chat
    const messages = [...history, { role: "user", content: question }];
%% endif
