¶ What it does | The exit status tells a script what it has: a whole answer, a part of one, or none.
"""Ask Claude, and print the answer{{ " as it comes" if stream else "" }}.

Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short{{ ", 6 fallback" if breaker else "" }}.
"""
