"""One question to Claude on a cloud platform: python clouds.py vertex MODEL."""

import os
import sys

import anthropic

Client = anthropic.AnthropicBedrock | anthropic.AnthropicVertex | anthropic.AnthropicFoundry


# region clients
def client_of(platform: str) -> Client:
    match platform:
        case "bedrock":  # AWS_REGION, and AWS credentials or AWS_BEARER_TOKEN_BEDROCK
            return anthropic.AnthropicBedrock()
        case "vertex":  # CLOUD_ML_REGION and ANTHROPIC_VERTEX_PROJECT_ID
            return anthropic.AnthropicVertex(access_token=os.environ.get("VERTEX_TOKEN"))
        case "foundry":  # ANTHROPIC_FOUNDRY_RESOURCE and ANTHROPIC_FOUNDRY_API_KEY
            return anthropic.AnthropicFoundry()
    sys.exit(f"unknown platform: {platform}")


# endregion


# region ask
def ask(client: Client, model: str) -> anthropic.types.Message:
    with client.messages.stream(
        model=model,
        max_tokens=16_000,
        messages=[{"role": "user", "content": "Why is the sea salty?"}],
    ) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
        return stream.get_final_message()


platform, name = sys.argv[1:]
try:
    answer = ask(client_of(platform), name)
except anthropic.APIStatusError as error:
    sys.exit(f"\nfailed: {error.type}")
if answer.stop_reason is None:
    sys.exit("\nThe stream ended too soon.")
print(f"\n[{answer.stop_reason}]")
# endregion
