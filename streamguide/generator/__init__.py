"""The code generator: options become a program.

`options` reads the choices of a form, `literals` encodes texts for each language, `languages` lists
the templates, `render` fills them, `run_instructions` says how to run the program, and
`fault_matrix` what its results on the simulator's faults are.

>>> options = read({"language": ["python"], "recovery": ["retry"]}, models)
>>> print(render(options, models, table).text)
"""
