%% include "_javascript/exit_status.mjs"
%% include "_javascript/retrying.mjs"
%% if keep
const PARTIAL = "partial-answer.txt";
%% endif
%% if save
const RAW = "stream.sse";
%% endif
%% if stop
const stopped = new AbortController();
process.once("SIGINT", () => stopped.abort());
%% endif
let shown = "";
