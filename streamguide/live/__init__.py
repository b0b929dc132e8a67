"""Live mode: Claude's own stream, relayed. The only importer of `anthropic`."""
