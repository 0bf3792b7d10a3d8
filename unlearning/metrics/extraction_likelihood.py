"""EL_n: how much of the rest of a text its beginnings draw out (Jang et al., arXiv 2210.01504, equation 1).

For every beginning that leaves at least n tokens: the share of the rest's n-grams that what the model says
has.
"""

from collections.abc import Sequence


def extraction_likelihood(text: Sequence[int], said: Sequence[Sequence[int]], n: int) -> float:
    """`said[t]` is what the model says, greedily, after the first t + 1 tokens; what is longer than the
    rest is not read."""
    beginnings = len(text) - n
    if beginnings < 1 or len(said) < beginnings:
        raise ValueError(f"expected more than {n} tokens, and an answer to each beginning that leaves {n}")
    shares = (_share(said[t][: len(text) - t - 1], text[t + 1 :], n) for t in range(beginnings))
    return sum(shares) / beginnings


def _share(said: Sequence[int], rest: Sequence[int], n: int) -> float:
    wanted = _grams(rest, n)
    known = set(wanted)
    return sum(gram in known for gram in _grams(said, n)) / len(wanted)


def _grams(tokens: Sequence[int], n: int) -> list[tuple[int, ...]]:
    return [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
