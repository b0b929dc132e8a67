"""What each program of the generator does on each fault: run against the running site."""
