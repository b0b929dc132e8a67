"""The matrix of faults: what each client, and each program of the generator, does on each fault."""
