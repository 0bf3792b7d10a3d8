"""Runs of a text that can be read, in layers of which none overlaps itself.

Rule: the first layer has as many of them as fit, the longest where two begin alike. What is left is laid out
code by code, so that everything that one code says is read together, and no more layers are needed than there
are codes that say something at one place.
"""

from collections.abc import Sequence
from typing import NamedTuple

from filters.codecs.decoded import Decoded


class _Placed(NamedTuple):
    begin: int
    past: int
    run: Decoded


def layers(runs: Sequence[Decoded]) -> list[list[Decoded]]:
    """Each in order."""
    placed = sorted((_Placed(run.begin, run.end, run) for run in runs), key=_place)
    first: list[_Placed] = []
    others: dict[str, list[list[_Placed]]] = {}
    for one in placed:
        if not first or one.begin >= first[-1].past:
            first.append(one)
            continue
        if one.past - one.begin > first[-1].past - first[-1].begin:
            first[-1], one = one, first[-1]
        _lay(others.setdefault(one.run.view, []), one)
    rest = [layer for of_code in others.values() for layer in of_code]
    return [[one.run for one in layer] for layer in (first, *rest) if layer]


def _lay(of_code: list[list[_Placed]], one: _Placed) -> None:
    """Into the first layer where it fits."""
    for layer in of_code:
        if layer[-1].past <= one.begin:
            layer.append(one)
            return
    of_code.append([one])


def _place(one: _Placed) -> tuple[int, int]:
    return one.begin, -one.past
