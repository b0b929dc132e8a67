"""What each client does on each fault: measured against the running site."""
