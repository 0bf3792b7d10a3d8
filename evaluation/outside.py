"""What a client sees of an answer, as numbers by which two kinds of answers could be told apart.

Rule: everything counts but what is new in every answer (ids, dates): the status, each header, each field of
the body or of the events, the sizes. Times count where they are asked for, and so do words.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any, Final

NEW: Final = frozenset({"date", "x-request-id"})
NAMES: Final = frozenset({"id", "created", "created_at", "item_id", "response_id", "message_id"})
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Outside:
    """`arrived` are the seconds after which the head and each piece of the body came."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    arrived: Sequence[float] = ()

    def features(self, *, times: bool = False, words: bool = False) -> dict[str, float]:
        found = {"status": float(self.status), "bytes": float(len(NUMBERED.sub(b"", self.body)))}
        for name, value in self.headers.items():
            if name not in NEW:
                found[f"header {name}: {value}"] = 1.0
        events = list(_events(self.body))
        found |= _sizes([len(json.dumps(event)) for event in events])
        for event in events:
            for name, number in _leaves(event, words):
                found[name] = found.get(name, 0.0) + number
        return found | (_moments(self.arrived) if times else {})


# As long as it is, a name is a name.
NUMBERED: Final = re.compile(rb"[0-9a-f]{24,}")


def _events(body: bytes) -> Iterator[Any]:
    """Those of a stream, or the one body."""
    if body.startswith((b"data:", b"event:", b":")):
        lines = (line.removeprefix(b"data: ") for line in body.split(b"\n") if line.startswith(b"data: "))
        yield from (json.loads(line) for line in lines if line != b"[DONE]")
    else:
        yield json.loads(body)


def _sizes(sizes: Sequence[int]) -> dict[str, float]:
    told = {"events": float(len(sizes))}
    if sizes:
        told |= {"least": float(min(sizes)), "most": float(max(sizes)), "mean": fmean(sizes)}
    return told


def _leaves(value: Any, words: bool, place: str = "") -> Iterator[tuple[str, float]]:
    """Of each field that it is there, how long it is or how much; in words, which they are."""
    match value:
        case dict():
            for name, held in value.items():
                if name not in NAMES:
                    yield from _leaves(held, words, f"{place}.{name}")
        case list():
            for held in value:
                yield from _leaves(held, words, f"{place}[]")
        case str():
            yield f"{place} length", float(len(value))
            for word in _WORD.findall(value.lower()) if words else ():
                yield f"word {word}", 1.0
        case bool() | None:
            yield f"{place} {value}", 1.0
        case int() | float():
            yield place, float(value)
    yield f"{place} there", 1.0


def _moments(arrived: Sequence[float]) -> dict[str, float]:
    if not arrived:
        return {}
    between = [later - sooner for sooner, later in pairwise(arrived)] or [0.0]
    first, last = arrived[0], arrived[-1]
    return {"first s": first, "last s": last, "longest pause s": max(between), "mean pause s": fmean(between)}
