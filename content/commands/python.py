import anthropic

client = anthropic.Anthropic(
    base_url="http://127.0.0.1:8000/simulator/hello",
    api_key="any-key",
)

with client.messages.stream(
    model="claude-opus-5-5",
    max_tokens=16_000,
    messages=[{"role": "user", "content": "Hello"}],
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
    print(f"\n{stream.get_final_message().stop_reason}")
