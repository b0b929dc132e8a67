"""One question to Claude on a cloud platform: python clouds.py vertex MODEL."""

import os
import sys

import anthropic

# region clients
CLIENTS = {
    # AWS_REGION, and AWS credentials or AWS_BEARER_TOKEN_BEDROCK
    "bedrock": lambda: anthropic.AnthropicBedrock(),
    # CLOUD_ML_REGION, ANTHROPIC_VERTEX_PROJECT_ID; without a token, the machine's credentials
    "vertex": lambda: anthropic.AnthropicVertex(access_token=os.environ.get("VERTEX_TOKEN")),
    # ANTHROPIC_FOUNDRY_RESOURCE and ANTHROPIC_FOUNDRY_API_KEY
    "foundry": lambda: anthropic.AnthropicFoundry(),
}
# endregion


# region ask
def ask(client, model: str) -> anthropic.types.Message:
    with client.messages.stream(
        model=model,
        max_tokens=16000,
        messages=[{"role": "user", "content": "Why is the sea salty?"}],
    ) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
        return stream.get_final_message()


platform, model = sys.argv[1:]
try:
    answer = ask(CLIENTS[platform](), model)
except anthropic.APIStatusError as error:
    sys.exit(f"\nfailed: {error.type}")
if answer.stop_reason is None:
    sys.exit("\nThe stream ended too soon.")
print(f"\n[{answer.stop_reason}]")
# endregion
