"""The guide: from Markdown files with directives to pages.

`source` reads a file, `directives` expand into Markdown (with `examples` from the scenarios
and `sections` from the protocol table), `render` makes HTML of that, and `pages` puts it
all together.
"""
