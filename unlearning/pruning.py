"""The weights of a recipe's model that serve what is forgotten, taken out before its first step.

Rule: what is read is what the recipe's method reads; the same recipe takes out the same weights.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from torch import Tensor

from unlearning.encoding import Coder, Encoded
from unlearning.stopping import spread_out
from unlearning.wrappers.pruning import prune, squares

PORTION: Final = 8
# More retain texts say little more about which weights they need.
MOST: Final = 2_048


def pruned(
    model: Any, coder: Coder, forget: Sequence[Encoded], retain: Sequence[Encoded], share: float
) -> None:
    """In place. Vectors stay: a norm serves everything."""
    model.eval()
    matrices = [one for one in model.parameters() if one.requires_grad and one.ndim > 1]

    def loss(rows: Sequence[Encoded]) -> Tensor:
        batch = {name: value.to(model.device) for name, value in coder.batch(rows).items()}
        found: Tensor = model(**batch).loss
        return found

    def turned(rows: Sequence[Encoded]) -> list[Tensor]:
        return squares(matrices, loss, _portions(spread_out(rows, MOST)))

    prune(matrices, turned(forget), turned(retain), share)


def _portions(rows: Sequence[Encoded]) -> Iterator[Sequence[Encoded]]:
    return (rows[at : at + PORTION] for at in range(0, len(rows), PORTION))
