"""What the code generator is built on: no page uses it yet.

`options` checks what was chosen, `literals` writes a text in each language.
"""
