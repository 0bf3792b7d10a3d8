"""What a trainer asks of every combiner.

Laws, run by tests/unlearning/combiners/test_combiner.py: where `apart` is false, `combine` adds the
gradients up, each times its factor, so one backward pass over the sum of the terms does the same; what
`state` gives, `restore` takes, and goes on as if nothing had come between.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import Tensor

# One tensor for each parameter, in the model's order.
Gradient = Sequence[Tensor]


class Combiner(Protocol):
    @property
    def apart(self) -> bool:
        """Whether each term needs a gradient of its own."""
        ...

    def factors(self, terms: int) -> Sequence[float]:
        """What each term is multiplied by in this step, besides its own weight. The first term forgets."""
        ...

    def combine(self, gradients: Sequence[Gradient]) -> list[Tensor]:
        """The gradients of the terms, weighted, as one."""
        ...

    def learn(self, means: Sequence[float]) -> None:
        """What the terms came to in this step, without weights and factors."""
        ...

    def state(self) -> Mapping[str, Any]: ...

    def restore(self, state: Mapping[str, Any]) -> None: ...
