"""What a model makes of rows: the odds of each target, and what it says by itself.

Rules: nothing is learnt here (no gradient, no dropout), the model is left as it was found, and no row sees
the padding of another.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unlearning.encoding import Encoded


@dataclass(frozen=True, slots=True)
class Scored:
    """Of the targets of one row, in order: `logp` is the log-probability of each, `right` whether no other
    token is likelier, `mean` and `spread` are those of all tokens' log-probabilities under the model's own
    odds, `telling` says whether it is part of the key."""

    id: str
    logp: NDArray[np.float64]
    right: NDArray[np.bool_]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    telling: NDArray[np.bool_]

    @property
    def knows(self) -> bool:
        """Whether every telling target is the likeliest token where it stands."""
        return bool(self.right[self.telling].all())


def score(model: Any, rows: Sequence[Encoded], batch: int = 16) -> list[Scored]:
    """Each row read once, its targets given (teacher forcing). In the order of `rows`."""
    found: dict[int, Scored] = {}
    with asking(model):
        for places in _batches([len(row.ids) for row in rows], batch):
            some = [rows[place] for place in places]
            ids, mask = padded([row.ids for row in some], model, left=False)
            logits = model(input_ids=ids, attention_mask=mask).logits
            for place, row, one in zip(places, some, logits, strict=True):
                found[place] = scored_of(row, one[: len(row.ids)])
    return [found[place] for place in range(len(rows))]


def accuracy(scored: Sequence[Scored]) -> float:
    """The share of rows whose key is known. The row of an item counts once, however long its key."""
    if not scored:
        raise ValueError("expected at least one row, found none")
    return sum(one.knows for one in scored) / len(scored)


def continue_greedily(
    model: Any, prompts: Sequence[Sequence[int]], most: int, ends: Collection[int] = (), batch: int = 16
) -> list[tuple[int, ...]]:
    """What follows each prompt when the likeliest token is always taken, at most `most`, without its end."""
    found: dict[int, tuple[int, ...]] = {}
    with asking(model):
        for places in _batches([len(prompt) for prompt in prompts], batch):
            said = _greedy(model, [prompts[place] for place in places], most, ends)
            found |= dict(zip(places, said, strict=True))
    return [found[place] for place in range(len(prompts))]


def prompt_of(row: Encoded) -> tuple[int, ...]:
    """What stands before the first target."""
    return row.ids[: row.targets.index(True)]


@contextmanager
def asking(model: Any) -> Iterator[None]:
    """The model as it answers: without gradients and dropout. It learns on, afterwards, if it did before."""
    learning = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(learning)


def padded(rows: Sequence[Sequence[int]], model: Any, *, left: bool) -> tuple[Tensor, Tensor]:
    """The rows as one matrix on the model's device, and which of it is no padding."""
    width = max(len(row) for row in rows)
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for place, row in enumerate(rows):
        where = slice(width - len(row), width) if left else slice(0, len(row))
        ids[place, where] = torch.tensor(row, dtype=torch.long)
        mask[place, where] = 1
    device = next(model.parameters()).device
    return ids.to(device), mask.to(device)


def _batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Places of rows of like length, the longest first: memory that suffices for them suffices for all."""
    if 0 in lengths:
        raise ValueError("expected at least one token in each row, found none")
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    return (order[start : start + size] for start in range(0, len(order), size))


def scored_of(row: Encoded, logits: Tensor) -> Scored:
    """What a model made of the row, by its logits at each token of it."""
    # The first token follows nothing, so no odds are given for it.
    wanted = [place for place, target in enumerate(row.targets) if target and place]
    if not wanted:
        raise ValueError(f"row {row.id!r}: expected a target behind its first token, found none")
    before = logits[[place - 1 for place in wanted]].float().log_softmax(-1)
    targets = torch.tensor([row.ids[place] for place in wanted], device=before.device)
    logp = before.gather(-1, targets[:, None])[:, 0]
    weights = before.exp()
    # A token that can't come adds nothing: without this, zero times infinity.
    finite = before.masked_fill(before.isinf(), 0.0)
    mean = (weights * finite).sum(-1)
    spread = (weights * (finite - mean[:, None]).square()).sum(-1).sqrt()
    telling = np.array([row.telling[place] for place in wanted])
    return Scored(
        row.id,
        _array(logp),
        (before.argmax(-1) == targets).cpu().numpy(),
        _array(mean),
        _array(spread),
        # An item without a key tells by all of its answer.
        telling if telling.any() else np.ones_like(telling),
    )


def _array(values: Tensor) -> NDArray[np.float64]:
    found: NDArray[np.float64] = values.double().cpu().numpy()
    return found


def _greedy(
    model: Any, prompts: Sequence[Sequence[int]], most: int, ends: Collection[int]
) -> list[tuple[int, ...]]:
    ids, mask = padded(prompts, model, left=True)
    places = (mask.cumsum(-1) - 1).clamp(min=0)
    stops = torch.tensor(sorted(ends), dtype=torch.long, device=ids.device)
    ended = torch.zeros(len(prompts), dtype=torch.bool, device=ids.device)
    said: list[Tensor] = []
    cache = None
    while len(said) < most and not bool(ended.all()):
        out = model(
            input_ids=ids, attention_mask=mask, position_ids=places, past_key_values=cache, use_cache=True
        )
        best = out.logits[:, -1].argmax(-1)
        ended |= torch.isin(best, stops)
        said.append(best.masked_fill(ended, -1))
        ids, cache, places = best[:, None], out.past_key_values, places[:, -1:] + 1
        mask = torch.cat([mask, torch.ones_like(ids)], -1)
    rows = torch.stack(said, -1).tolist() if said else [[] for _ in prompts]
    return [tuple(token for token in row if token >= 0) for row in rows]
