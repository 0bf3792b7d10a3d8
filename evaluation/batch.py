"""Items turned into padded token batches with a weight per learnt token.

The token ids are those that the chat template gives: each turn is its role's token, its text, and the
end token.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerFast

from evaluation.curriculum import Item


@dataclass(frozen=True, slots=True)
class Coded:
    """One item as token ids, and the weight with which each of them is learnt."""

    ids: list[int]
    weights: list[float]


@dataclass(frozen=True, slots=True)
class Batch:
    """Right-padded ids, and where in them (row, column) a next token is learnt, with target and weight."""

    ids: torch.Tensor
    rows: torch.Tensor
    columns: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor


class Coder:
    """Encodes items with one tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, longest: int) -> None:
        self._tokenizer = tokenizer
        self._longest = longest
        self._begin = int(tokenizer.bos_token_id)
        self._end = int(tokenizer.eos_token_id)
        self._pad = int(tokenizer.pad_token_id)

    def encode(self, items: Sequence[Item]) -> list[Coded]:
        """All items; the texts go through the tokenizer in one call."""
        texts = [turn.content for item in items for turn in item]
        pieces = iter(self._tokenizer(texts, add_special_tokens=False)["input_ids"])
        return [self._encode_item(item, pieces) for item in items]

    def _encode_item(self, item: Item, pieces: Iterator[list[int]]) -> Coded:
        ids, weights = [self._begin], [0.0]
        for turn in item:
            piece = next(pieces)
            role = self._tokenizer.convert_tokens_to_ids(f"<|{turn.role}|>")
            ids += [role, *piece, self._end]
            weights += [0.0, *[turn.weight] * (len(piece) + 1)]
        return Coded(ids[: self._longest], weights[: self._longest])

    def batches(self, coded: Sequence[Coded], tokens: int) -> Iterator[Batch]:
        """Items of like length together, each batch at most so many tokens with its padding."""
        ready: list[Coded] = []
        for one in sorted(coded, key=lambda each: len(each.ids)):
            if ready and (len(ready) + 1) * len(one.ids) > tokens:
                yield self._pack(ready)
                ready = []
            ready.append(one)
        if ready:
            yield self._pack(ready)

    def _pack(self, items: Sequence[Coded]) -> Batch:
        width = max(len(one.ids) for one in items)
        ids = torch.tensor([one.ids + [self._pad] * (width - len(one.ids)) for one in items])
        weights = torch.tensor([one.weights + [0.0] * (width - len(one.ids)) for one in items])
        rows, columns = torch.nonzero(weights[:, 1:], as_tuple=True)
        return Batch(ids, rows, columns, ids[rows, columns + 1], weights[rows, columns + 1])
