"""A language model of token ids: counts of what followed up to so many tokens, each order resting on the one
below (absolute discounting, interpolated).

Rules: every probability is above zero, and those of all tokens after a context add up to one. A context that
was never seen says what its end says. Plain counts stand on every order: Kneser-Ney's counts of distinct
contexts make a small text seem to prefer whatever it says at all, and two models of unlike size are compared
here.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

# Stands before a text's first token.
START: Final = -1
DISCOUNT: Final = 0.75
Context = tuple[int, ...]


class Ngrams:
    """Of the given order (tokens that count, the foretold one included), over `size` token ids."""

    __slots__ = ("_followers", "_totals", "order", "size")

    def __init__(self, order: int, size: int) -> None:
        if order < 1 or size < 1:
            raise ValueError(f"expected an order and a size of at least 1, found {order} and {size}")
        self.order, self.size = order, size
        self._followers: defaultdict[Context, dict[int, int]] = defaultdict(dict)
        self._totals: defaultdict[Context, int] = defaultdict(int)

    def learn(self, tokens: Sequence[int], targets: Sequence[bool]) -> None:
        """Count one text. A token that is no target stands in contexts and is itself not foretold."""
        padded = (START,) * (self.order - 1) + tuple(tokens)
        for place, token in enumerate(tokens):
            if targets[place]:
                self._count(padded[place : place + self.order - 1], token)

    def probability(self, context: Sequence[int], token: int) -> float:
        """Of the token after the context, of which the last `order - 1` tokens count."""
        likely = 1.0 / self.size
        for end in ends(context, self.order - 1):
            followers = self._followers.get(end)
            if followers is None:
                break
            kept = max(followers.get(token, 0) - DISCOUNT, 0.0)
            likely = (kept + DISCOUNT * len(followers) * likely) / self._totals[end]
        return likely

    def seen(self) -> Iterator[tuple[Context, tuple[int, ...]]]:
        """Every context that stood within a text, with the tokens that followed it."""
        for context, followers in self._followers.items():
            if START not in context:
                yield context, tuple(followers)

    def _count(self, context: Context, token: int) -> None:
        for end in ends(context, self.order - 1):
            followers = self._followers[end]
            followers[token] = followers.get(token, 0) + 1
            self._totals[end] += 1


def ends(context: Sequence[int], longest: int) -> Iterator[Context]:
    """The last none, one, two ... tokens."""
    for length in range(min(len(context), longest) + 1):
        yield tuple(context[len(context) - length :])
