"""A text read another way, every character with the span it stands for.

Rule: whatever is found in a reading can be cut out of the text it was read from. Spans are half-open and
never empty; a reading of a reading is again one of the text itself.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Offsets = NDArray[np.int64]

# A sentence or two on each side: as much as a forgotten string that is only half encoded can have.
CONTEXT = 400
# What a run reads as where it stands for nothing; codes go on over it.
NOTHING = "\u200b"
_SPACE = " \n\t\r"


@dataclass(frozen=True, slots=True)
class Decoded:
    """`view` names the code. `fresh`: the stretches of `text` that were decoded; around them stands plain
    text.
    """

    text: str
    starts: Offsets
    ends: Offsets
    view: str
    fresh: tuple[tuple[int, int], ...]

    @staticmethod
    def of(text: str, starts: Sequence[int] | Offsets, ends: Sequence[int] | Offsets, view: str) -> "Decoded":
        return Decoded(
            text,
            np.asarray(starts, dtype=np.int64),
            np.asarray(ends, dtype=np.int64),
            view,
            ((0, len(text)),),
        )

    @property
    def begin(self) -> int:
        return int(self.starts.min())

    @property
    def end(self) -> int:
        return int(self.ends.max())

    def is_fresh(self, start: int, end: int) -> bool:
        """Whether any of these characters was decoded."""
        last = bisect_left(self.fresh, (end, 0)) - 1
        return last >= 0 and start < self.fresh[last][1]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """What these characters stand for, from the first to the last of it."""
        return int(self.starts[start:end].min()), int(self.ends[start:end].max())

    def within(self, outer: "Decoded") -> "Decoded":
        """This reading of another reading, as one of the text that the other was read from."""
        first, last = self.starts, self.ends - 1
        starts = np.minimum(outer.starts[first], outer.starts[last])
        ends = np.maximum(outer.ends[first], outer.ends[last])
        return replace(self, starts=starts, ends=ends, view=f"{outer.view}+{self.view}")


def widened(decoded: Decoded, start: int, end: int) -> Decoded:
    """With what belongs to a run and stands for no character ("0x", "=="): to its first or last one."""
    starts, ends = decoded.starts.copy(), decoded.ends.copy()
    starts[0], ends[-1] = start, end
    return replace(decoded, starts=starts, ends=ends)


def joined(runs: Sequence[Decoded]) -> Decoded:
    """Several runs as one."""
    starts, ends = (np.concatenate([getattr(run, edge) for run in runs]) for edge in ("starts", "ends"))
    return Decoded.of("".join(run.text for run in runs), starts, ends, runs[0].view)


def spliced(text: str, runs: Sequence[Decoded], context: int = CONTEXT) -> Iterator[Decoded]:
    """The text with each run replaced by its reading, and some plain text around them.

    The runs stand in order and do not overlap. Those that are far apart come in pieces of their own.
    """
    group: list[Decoded] = []
    for run in runs:
        if group and run.begin - group[-1].end > 2 * context:
            yield _piece(text, group, context)
            group = []
        group.append(run)
    if group:
        yield _piece(text, group, context)


def stretch(text: str, start: int, end: int, context: int = CONTEXT) -> tuple[int, int]:
    """The stretch with its context; no word is cut, unless it is endless."""
    first, last = max(0, start - context), min(len(text), end + context)
    if first:
        cut = min(
            (place for space in _SPACE if (place := text.find(space, first, start)) >= 0), default=start
        )
        first = cut
    if last < len(text):
        last = max(end, *(text.rfind(space, end, last) for space in _SPACE))
    return first, last


def _piece(text: str, runs: Sequence[Decoded], context: int) -> Decoded:
    first, last = stretch(text, runs[0].begin, runs[-1].end, context)
    texts: list[str] = []
    starts: list[Offsets] = []
    ends: list[Offsets] = []
    fresh: list[tuple[int, int]] = []
    at, size = first, 0
    for run in runs:
        begin = run.begin
        plain = np.arange(at, begin)
        texts += (text[at:begin], run.text)
        starts += (plain, run.starts)
        ends += (plain + 1, run.ends)
        size += begin - at + len(run.text)
        fresh.append((size - len(run.text), size))
        at = run.end
    plain = np.arange(at, last)
    texts.append(text[at:last])
    starts.append(plain)
    ends.append(plain + 1)
    views = dict.fromkeys(run.view for run in runs)
    read = Decoded(
        "".join(texts), np.concatenate(starts), np.concatenate(ends), "/".join(views), tuple(fresh)
    )
    return _without_nothing(read) if NOTHING in read.text else read


def _without_nothing(read: Decoded) -> Decoded:
    """A run that stood for nothing is still known by its place: what goes on over it was decoded."""
    kept = np.array([sign != NOTHING for sign in read.text])
    if not kept.any():
        return read
    places = np.concatenate(([0], np.cumsum(kept)))
    return replace(
        read,
        text=read.text.replace(NOTHING, ""),
        starts=read.starts[kept],
        ends=read.ends[kept],
        fresh=tuple((int(places[first]), int(places[last])) for first, last in read.fresh),
    )
