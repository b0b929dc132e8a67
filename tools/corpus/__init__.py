"""The corpus: streams for each rule of `content/reading.toml`, and what they mean."""
