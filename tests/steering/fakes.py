"""A matcher that knows one forbidden sequence of tokens, and the artefact and steerer around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from steering.apply_rule import Rule
from steering.edit import Edit
from steering.steerer import Parts, Steerer

KEY = bytes(range(32))
END = 2
RULE = Rule(pinned=(END,), ends=(END,))
FORBIDDEN = (5, 6, 7)
UNKNOWN = -1


class SequenceMatcher:
    """Bans the last forbidden token after the others; a token that nobody knows may have been any."""

    def __init__(self, forbidden: Sequence[int] = FORBIDDEN, said: tuple[int, ...] = ()) -> None:
        self.forbidden = tuple(forbidden)
        self.said = said
        self.in_sight: frozenset[int] = frozenset()
        self.prompt = 0

    def push(self, tokens: Sequence[int], *, prompt: bool) -> None:
        if 99 in tokens:
            raise ValueError("a secret that no log may show")
        self.said += tuple(tokens)
        self.prompt += len(tokens) if prompt else 0

    def edit(self) -> Edit:
        before = self.forbidden[:-1]
        last = self.said[-len(before) :]
        met = len(last) == len(before) and all(a in (b, UNKNOWN) for a, b in zip(last, before, strict=True))
        return Edit(np.array(self.forbidden[-1:] if met else (), np.int32), *_no_shifts())

    def copy(self) -> "SequenceMatcher":
        copied = SequenceMatcher(self.forbidden, self.said)
        copied.prompt, copied.in_sight = self.prompt, self.in_sight
        return copied


def _no_shifts() -> tuple[np.ndarray, np.ndarray]:
    nothing = Edit.nothing()
    return nothing.shifted, nothing.by


@dataclass
class SequenceArtefact:
    forbidden: tuple[int, ...] = FORBIDDEN
    generation: int = 1

    def matcher(self, active: frozenset[int] | None, allowed: frozenset[int]) -> SequenceMatcher:
        return SequenceMatcher(self.forbidden)


def steerer(
    *forbidden: int, fresh: Callable[[], Parts | None] = lambda: None, now: float = 1000.0
) -> Steerer:
    parts = Parts(SequenceArtefact(forbidden or FORBIDDEN))
    return Steerer(parts, KEY, RULE, fresh, lambda: now)
