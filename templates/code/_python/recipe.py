%% if not prefill
CONTINUE = """\
Your answer was interrupted. This much arrived:

<partial_answer>
{text}
</partial_answer>

Continue exactly where it stops. Repeat nothing."""


%% endif
