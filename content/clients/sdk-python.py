from anthropic import Anthropic

client = Anthropic(base_url="http://127.0.0.1:8000/simulator/hello", api_key="any", timeout=300)
with client.messages.stream(
    model="claude-opus-5-5",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello"}],
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
