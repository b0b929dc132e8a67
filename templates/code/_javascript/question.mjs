  const { {{ ["question", chat and "history", resume and 'partial = ""']|select|join(", ") }} } = {{ source }};
  const isText = typeof question === "string" && question.trim() !== "";
%% if chat
  // What a system message says is decided here, too.
%% if typed
  const isTurn = (turn: any) => ["user", "assistant"].includes(turn?.role);
%% else
  const isTurn = (/** @type {any} */ turn) =>
    ["user", "assistant"].includes(turn?.role);
%% endif
  const isChat = isText && Array.isArray(history) && history.every(isTurn);
%% endif
  if (!{{ "isChat" if chat else "isText" }} || question.length > MOST_CHARACTERS) {
    const needed = `Send a question as JSON, of 1 to ${MOST_CHARACTERS} characters{{ ", and the history" if chat }}.`;
