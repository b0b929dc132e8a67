import litellm

litellm.suppress_debug_info = True
chunks = litellm.completion(
    model="anthropic/claude-opus-5-5",
    messages=[{"role": "user", "content": "Hello"}],
    api_base="http://127.0.0.1:8000/simulator/hello",
    api_key="any",
    timeout=300,
    stream=True,
)
for chunk in chunks:
    print(chunk.choices[0].delta.content or "", end="", flush=True)
