"""The guide: Markdown files with directives become pages.

`source` reads a file, `directives` are replaced by Markdown (with `examples` from the scenarios,
and the `event_reference` from the protocol table), `render` makes HTML of it (`responsive`: for
every screen), and `pages` holds the result:

>>> guide = load_guide(Path("content/guide"), context)
>>> guide.pages["streaming"].html
"""
