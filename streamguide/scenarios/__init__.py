"""From `content/scenarios/*.toml` to timed events.

`load` reads a Scenario, `answer` makes one concrete answer of it (ids, opaque strings),
`script` turns the answer into events with their times, `message` into the JSON that a
request without streaming gets, and `plan` into timed frames of bytes.
"""
