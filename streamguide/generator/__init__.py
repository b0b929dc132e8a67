"""Options → a complete program.

`options` checks what was chosen, `literals` writes a text in each language, `render` fills the
templates of `templates/code/`.
"""
