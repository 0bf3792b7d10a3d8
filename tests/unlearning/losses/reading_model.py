"""A small language model, and everything that any loss can read of it and of its frozen copy."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from unlearning.losses.forecast import Forecast, Hidden
from unlearning.losses.loss import Loss
from unlearning.losses.read import Kind, Part, Read

VOCABULARY, WIDTH, LAYER = 23, 16, 1
# (ids, labels) of a text for each part.
Texts = Mapping[Part, list[tuple[Tensor, Tensor]]]


@cache
def model(seed: int) -> LlamaForCausalLM:
    """The same each time it is asked for: gradients stay in it."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=32,
    )
    return LlamaForCausalLM(config).double()


def texts(count: int, seed: int) -> Texts:
    """Prompts of two to four tokens, answers of one to six: no two parts of a batch hold as many targets."""
    drawn = torch.Generator().manual_seed(seed)
    return {part: [_text(drawn) for _ in range(count)] for part in Part}


def _text(drawn: torch.Generator) -> tuple[Tensor, Tensor]:
    prompt, answer = (int(torch.randint(low, high, (), generator=drawn)) for low, high in ((2, 5), (1, 7)))
    ids = torch.randint(0, VOCABULARY, (prompt + answer,), generator=drawn)
    labels = ids.clone()
    labels[:prompt] = -100
    return ids, labels


class Reader:
    """Pads some texts to the longest of them and reads both models."""

    def __init__(self, learner: LlamaForCausalLM, frozen: LlamaForCausalLM, texts: Texts) -> None:
        self._learner, self._frozen = learner, frozen
        self.labels = {part: _padded([labels for _, labels in some], -100) for part, some in texts.items()}
        self._ids = {part: _padded([ids for ids, _ in some], 0) for part, some in texts.items()}
        self._masks = {
            part: _padded([torch.ones_like(ids) for ids, _ in some], 0) for part, some in texts.items()
        }

    def seen(self, losses: Iterable[Loss]) -> dict[Read, Any]:
        reads = {read for loss in losses for read in loss.reads}
        return {read: self._read(read) for read in reads}

    def _read(self, read: Read) -> Any:
        labels = self.labels[read.part]
        match read.kind:
            case Kind.FORECAST:
                return Forecast.of(self._look(self._learner, read.part).logits, labels)
            case Kind.HIDDEN:
                return Hidden.of(self._look(self._learner, read.part).hidden_states[LAYER], labels)
            case Kind.CENTRES:
                return torch.arange(2.0 * WIDTH, dtype=torch.float64).cos().reshape(2, WIDTH)
        before = self._look(self._frozen, read.part)
        forecast = Forecast.of(before.logits.detach(), labels)
        match read.kind:
            case Kind.REFERENCE:
                return forecast.logits
            case Kind.LIKELIHOOD:
                return forecast.by_text(forecast.likelihoods())
            case Kind.SHIFT:
                return -forecast.logits.abs()
        return Hidden.of(before.hidden_states[LAYER].detach(), labels).states

    def _look(self, model: LlamaForCausalLM, part: Part) -> Any:
        return model(input_ids=self._ids[part], attention_mask=self._masks[part], output_hidden_states=True)


def _padded(rows: list[Tensor], value: int) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)
