"""The protocol: what a stream can contain (`table`, read by `load`), events as bytes (`sse`), and
errors instead of a stream (`refusal`).

>>> encode({"type": "message_stop"})
b'event: message_stop\\ndata: {"type":"message_stop"}\\n\\n'
"""
