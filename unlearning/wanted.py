"""Where the hidden states of wanted answers lie: the centres of their clusters under the model as it is."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import torch
from torch import Tensor

from unlearning.encoding import Coder, Encoded
from unlearning.losses.chen import centres
from unlearning.losses.forecast import Hidden
from unlearning.metrics.scoring import asking

BATCH: Final = 64


def wanted_centres(
    model: Any, rows: Sequence[Encoded], coder: Coder, layer: int, clusters: int, seed: int
) -> Tensor:
    """(clusters, width), or fewer where the answers are fewer."""
    with asking(model):
        means = torch.cat(list(_means(model, rows, coder, layer)))
    return centres(means, min(clusters, len(means.unique(dim=0))), seed)


def _means(model: Any, rows: Sequence[Encoded], coder: Coder, layer: int) -> Iterator[Tensor]:
    device = next(model.parameters()).device
    for first in range(0, len(rows), BATCH):
        batch = {name: one.to(device) for name, one in coder.batch(rows[first : first + BATCH]).items()}
        labels = batch.pop("labels")
        states = model(**batch, output_hidden_states=True, use_cache=False).hidden_states[layer]
        yield Hidden.of(states, labels).means()
