%% if stream
# In seconds: a whole answer, and what follows its stop reason.
LONGEST, LAST = 3600, 20
%% endif
%% if keep
PARTIAL = Path("partial-answer.txt")
%% endif
%% if save
RAW = Path("stream.sse")
%% endif
