"""From `content/scenarios/*.toml` to timed events.

`load` reads a Scenario, `answer` draws its ids and opaque strings, `script` turns the answer into
events with their times, `message` into the JSON of a response without streaming, and `frames`
encodes the events:

>>> answer = make_answer(load(Path("content/scenarios/hello.toml"), table, models))
>>> frames = to_frames(script(answer))
"""
