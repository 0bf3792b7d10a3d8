"""What a model foretells about the targets of some texts.

Rules: a place is where a target is foretold, one before where it stands. Only places are kept, in the
order of the texts: no padding, no prompt and no shift is left for a loss to get wrong. Half precision
becomes single. Errors say sizes and never what a text says.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

# The label of what is no target, as in Transformers.
NO_TARGET = -100


class BatchError(ValueError):
    """A batch cannot be learnt from; says what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class Places:
    """`row` and `column` say where each target is foretold, `text` is `row`; `texts` counts the texts."""

    row: Tensor
    column: Tensor
    targets: Tensor
    texts: int

    @classmethod
    def of(cls, labels: Tensor) -> Self:
        """From labels (texts, length). The first token of a text is foretold by nothing."""
        if labels.ndim != 2 or labels.is_floating_point():
            raise BatchError(f"expected whole labels (texts, length), found {_shape(labels)} {labels.dtype}")
        ahead = labels[:, 1:]
        row, column = torch.nonzero(ahead != NO_TARGET, as_tuple=True)
        targets = ahead[row, column]
        _check(targets, row, len(labels))
        return cls(row, column, targets, len(labels))

    def at(self, states: Tensor, labels: Tensor) -> Tensor:
        """What stands in `states` (texts, length, anything) at the places: (tokens, anything)."""
        if states.ndim != 3 or states.shape[:2] != labels.shape:
            raise BatchError(f"expected states {_shape(labels)} and a width, found {_shape(states)}")
        kept = states[self.row, self.column]
        return kept.float() if kept.dtype in (torch.float16, torch.bfloat16) else kept


@dataclass(frozen=True, slots=True)
class Forecast:
    """`logits` (tokens, vocabulary), `targets` (tokens,), `text` (tokens,): which text a place is in."""

    logits: Tensor
    targets: Tensor
    text: Tensor
    texts: int

    @classmethod
    def of(cls, logits: Tensor, labels: Tensor) -> Self:
        """From a model's logits (texts, length, vocabulary) and labels (texts, length). Raises BatchError."""
        places = Places.of(labels)
        kept = places.at(logits, labels)
        if int(places.targets.max()) >= kept.shape[1]:
            raise BatchError(f"expected targets below {kept.shape[1]}, the size of the vocabulary")
        return cls(kept, places.targets, places.row, places.texts)

    def __len__(self) -> int:
        """The number of places."""
        return len(self.targets)

    def log_odds(self) -> Tensor:
        """log p of every token at every place: (tokens, vocabulary)."""
        return self.logits.log_softmax(-1)

    def likelihoods(self) -> Tensor:
        """log p of the targets: (tokens,)."""
        return -torch.nn.functional.cross_entropy(self.logits, self.targets, reduction="none")

    def by_text(self, values: Tensor) -> Tensor:
        """The sum of what was said of each place, text by text: (texts,)."""
        return values.new_zeros(self.texts).index_add(0, self.text, values)

    def lengths(self) -> Tensor:
        """How many targets each text has: (texts,)."""
        return torch.bincount(self.text, minlength=self.texts)

    def check(self, logits: Tensor) -> None:
        """Raises BatchError unless there is a row of logits for each place."""
        if logits.shape != self.logits.shape:
            raise BatchError(
                f"expected logits {_shape(self.logits)} at the same places, found {_shape(logits)}"
            )

    def check_texts(self, values: Tensor) -> None:
        """Raises BatchError unless there is a value for each text."""
        if values.shape != (self.texts,):
            raise BatchError(f"expected a value for each of {self.texts} texts, found {_shape(values)}")


@dataclass(frozen=True, slots=True)
class Hidden:
    """`states` (tokens, width) of one layer at the places, `text` (tokens,): which text a place is in."""

    states: Tensor
    text: Tensor
    texts: int

    @classmethod
    def of(cls, states: Tensor, labels: Tensor) -> Self:
        """From a layer's states (texts, length, width) and labels (texts, length). Raises BatchError."""
        places = Places.of(labels)
        return cls(places.at(states, labels), places.row, places.texts)

    def __len__(self) -> int:
        return len(self.states)

    def means(self) -> Tensor:
        """The mean state of each text: (texts, width)."""
        sums = self.states.new_zeros(self.texts, self.states.shape[1]).index_add(0, self.text, self.states)
        return sums / torch.bincount(self.text, minlength=self.texts)[:, None]

    def check(self, states: Tensor) -> None:
        """Raises BatchError unless there is a state for each place."""
        if states.shape != self.states.shape:
            raise BatchError(
                f"expected states {_shape(self.states)} at the same places, found {_shape(states)}"
            )


def _check(targets: Tensor, row: Tensor, texts: int) -> None:
    if not texts or int(torch.bincount(row, minlength=texts).min()) == 0:
        raise BatchError("expected a target in every text, beyond its first token")
    if int(targets.min()) < 0:
        raise BatchError(f"expected targets of 0 or more, or {NO_TARGET} for none")


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))
