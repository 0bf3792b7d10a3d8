"""Models of a few thousand weights, and rows for them to read."""

from typing import Any

import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from unlearning.encoding import Encoded

VOCABULARY = 30


def llama(seed: int = 0) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2}
        # Wide starting weights, so that the odds are not all alike.
        config = LlamaConfig(vocab_size=VOCABULARY, initializer_range=0.4, **size)
        return LlamaForCausalLM(config).eval()


def gpt2(seed: int = 0) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        size = {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 64}
        config = GPT2Config(vocab_size=VOCABULARY, initializer_range=0.4, **size)
        return GPT2LMHeadModel(config).eval()


def row(name: str, prompt: int, answer: int, telling: tuple[int, ...] = ()) -> Encoded:
    """Of random tokens. `telling` are places within the answer."""
    ids = np.random.default_rng([prompt, answer, *name.encode()]).integers(VOCABULARY, size=prompt + answer)
    places = range(prompt + answer)
    return Encoded(
        name,
        tuple(int(token) for token in ids),
        tuple(place >= prompt for place in places),
        tuple(place - prompt in telling for place in places),
    )
