"""The models that are trained here: small llamas, as vLLM and transformers read them.

Rule: what decides how a model turns out is said by who trains it; here is only what all share.
"""

from typing import Any, Protocol

import torch
from transformers import LlamaConfig, LlamaForCausalLM


class Shape(Protocol):
    @property
    def hidden(self) -> int: ...
    @property
    def layers(self) -> int: ...
    @property
    def heads(self) -> int: ...
    @property
    def feed_forward(self) -> int: ...


def new_llama(shape: Shape, vocabulary: int, longest: int) -> LlamaForCausalLM:
    """Whose weights follow from torch's seed. The first three tokens pad, begin and end."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=shape.hidden,
            intermediate_size=shape.feed_forward,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.heads,
            max_position_embeddings=longest,
            tie_word_embeddings=True,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
        )
    )


def step(model: LlamaForCausalLM, optimizer: torch.optim.Optimizer, rate: float) -> None:
    """By the gradient that the model has, which is gone then."""
    groups: list[dict[str, Any]] = optimizer.param_groups
    for group in groups:
        group["lr"] = rate
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
