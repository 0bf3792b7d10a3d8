"""What the installed official clients send and expect, as JSON schemas."""

from functools import cache
from typing import Any

import anthropic.types as anthropic
import openai.types as openai
from anthropic.types import beta, message_count_tokens_params, message_create_params
from anthropic.types.beta import message_count_tokens_params as beta_count_tokens_params
from anthropic.types.beta import message_create_params as beta_create_params
from openai.types import chat, completion_create_params, responses
from openai.types.chat import completion_create_params as chat_create_params
from openai.types.responses import response_create_params
from pydantic import TypeAdapter

# Of each wire: what a client sends.
REQUESTS: dict[str, Any] = {
    "chat": chat_create_params.CompletionCreateParams,
    "completions": completion_create_params.CompletionCreateParams,
    "responses": response_create_params.ResponseCreateParams,
    "messages": message_create_params.MessageCreateParams,
    "count_tokens": message_count_tokens_params.MessageCountTokensParams,
    "embeddings": openai.EmbeddingCreateParams,
}
# What its clients send beside that to try what is new.
BETAS: dict[str, Any] = {
    "messages": beta_create_params.MessageCreateParams,
    "count_tokens": beta_count_tokens_params.MessageCountTokensParams,
}
# Of each wire: the shape, or the variants, and what a client takes for it.
ANSWERS: list[tuple[str, str, Any]] = [
    ("chat", "body", chat.ChatCompletion),
    ("chat", "body", chat.ChatCompletionChunk),
    ("completions", "body", openai.Completion),
    ("responses", "body", responses.Response),
    ("responses", "event", responses.ResponseStreamEvent),
    ("messages", "body", anthropic.Message),
    ("messages", "event", anthropic.RawMessageStreamEvent),
    ("messages", "body", beta.BetaMessage),
    ("messages", "event", beta.BetaRawMessageStreamEvent),
    ("count_tokens", "body", anthropic.MessageTokensCount),
    ("embeddings", "body", openai.CreateEmbeddingResponse),
    ("models", "model", openai.Model),
]


@cache
def schema_of(model: Any) -> dict[str, Any]:
    return TypeAdapter(model).json_schema()
