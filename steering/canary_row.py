"""A request by which the gateway sees that the engine obeys: each step raises one token and bans another.

Rules: nothing else steers it; what is raised is raised beyond every model's doubt, and what is raised
even more is banned, so that the answer proves both. Past its end nothing is changed.
"""

from collections.abc import Sequence

import numpy as np

from steering.directive import Canary
from steering.edit import Edit

RAISED, MOST = 1e6, 2e6


class CanaryRow:
    """`plain`: its edit is put in as it is, with nothing pinned and nothing kept low."""

    plain = True

    def __init__(self, canary: Canary, *, current: bool, said: int = 0) -> None:
        self._canary = canary
        self._current = current
        self._said = said

    def push(self, tokens: Sequence[int], *, prompt: bool = False) -> None:
        self._said += 0 if prompt else len(tokens)

    def edit(self) -> Edit | None:
        raised = self._canary.raised if self._current else self._canary.stale
        if self._said >= len(raised):
            return Edit.nothing()
        banned = self._canary.banned[self._said]
        shifted = np.array([banned, raised[self._said]], np.int32)
        return Edit(np.array([banned], np.int32), shifted, np.array([MOST, RAISED], np.float32))

    def copy(self) -> "CanaryRow":
        return CanaryRow(self._canary, current=self._current, said=self._said)
