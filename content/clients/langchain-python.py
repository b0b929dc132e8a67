from langchain_anthropic import ChatAnthropic

model = ChatAnthropic(
    model="claude-opus-5-5",
    base_url="http://127.0.0.1:8000/simulator/hello",
    api_key="any",
    timeout=300,
)
answer = None
for chunk in model.stream("Hello"):
    print(chunk.text, end="", flush=True)
    answer = chunk if answer is None else answer + chunk
