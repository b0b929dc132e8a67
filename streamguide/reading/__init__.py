"""Reading a stream by the rules of `content/reading.toml`: bytes → frames → events → message."""
