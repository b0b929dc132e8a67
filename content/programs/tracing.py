"""The SDK's own span of a stream, printed on standard error."""

import sys

import anthropic
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

# region trace
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr)))
client = anthropic.Anthropic(open_telemetry={"tracer_provider": provider})

with client.messages.stream(
    model="claude-opus-5-5",
    max_tokens=16_000,
    messages=[{"role": "user", "content": "Why is the sky blue?"}],
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
# endregion
