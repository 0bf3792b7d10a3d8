"""What the installed vLLM takes and says, as JSON schemas. Its own interpreter runs this.

Imports none of ours, and writes the file that it is given. No engine is started.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from vllm.entrypoints.anthropic import protocol as messages
from vllm.entrypoints.openai.chat_completion import protocol as chat
from vllm.entrypoints.openai.completion import protocol as completions
from vllm.entrypoints.openai.responses import protocol as responses
from vllm.entrypoints.pooling.embed import protocol as embeddings
from vllm.entrypoints.pooling.scoring import protocol as scoring
from vllm.entrypoints.serve.engine import protocol as models

REQUESTS: dict[str, Any] = {
    "chat": chat.ChatCompletionRequest,
    "batch": chat.BatchChatCompletionRequest,
    "completions": completions.CompletionRequest,
    "responses": responses.ResponsesRequest,
    "messages": messages.AnthropicMessagesRequest,
    "count_tokens": messages.AnthropicCountTokensRequest,
    "embeddings": embeddings.EmbeddingRequest,
    "score": scoring.ScoreRequest,
    "rerank": scoring.RerankRequest,
}
ANSWERS: list[tuple[str, str, Any]] = [
    ("chat", "body", chat.ChatCompletionResponse),
    ("chat", "body", chat.ChatCompletionStreamResponse),
    ("completions", "body", completions.CompletionResponse),
    ("completions", "body", completions.CompletionStreamResponse),
    ("responses", "body", responses.ResponsesResponse),
    ("responses", "event", responses.StreamingResponsesResponse),
    ("messages", "body", messages.AnthropicMessagesResponse),
    ("messages", "event", messages.AnthropicStreamEvent),
    ("count_tokens", "body", messages.AnthropicCountTokensResponse),
    ("embeddings", "body", embeddings.EmbeddingResponse),
    ("score", "body", scoring.ScoreResponse),
    ("rerank", "body", scoring.RerankResponse),
    ("models", "body", models.ModelList),
]


def main(out: Path) -> None:
    asked = {wire: TypeAdapter(model).json_schema() for wire, model in REQUESTS.items()}
    told = [[wire, start, TypeAdapter(model).json_schema()] for wire, start, model in ANSWERS]
    out.write_text(json.dumps({"requests": asked, "answers": told}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
