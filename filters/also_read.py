"""What the messages of a prompt also say: encoded, disguised or turned, and cut over several messages.

Rule: every reading knows where in the messages it comes from, so that what is found in it is cut there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from filters.codecs.decoded import Decoded
from filters.codecs.oddness import SOLID, Odd, odd_spans
from filters.codecs.readings import deepest
from filters.segment import Segment
from index.anchors import Anchors
from index.whole_text import WholeText
from policy.surface import Role

# A message that goes on with the code of the one before shows it in so many characters.
_SEAM = 64
_JOINTS = ("", "\n")


@dataclass(frozen=True, slots=True)
class AlsoRead:
    """A reading of pieces of messages that are laid behind each other. Each of them begins at one of `edges`
    there, and at one of `begins` in its segment.
    """

    decoded: Decoded
    whole: WholeText
    segments: tuple[int, ...]
    edges: NDArray[np.int64]
    begins: tuple[int, ...]

    @property
    def text(self) -> str:
        return self.decoded.text

    @property
    def segment(self) -> int:
        return self.segments[self._piece(self.decoded.begin)]

    def is_new(self, start: int, end: int) -> bool:
        """Whether any of these characters was decoded. What stands around them is read where it stands."""
        return self.decoded.is_fresh(start, end)

    def spans(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The segments that these characters come from, each with the span there."""
        first, last = self.decoded.span(start, end)
        for piece in range(self._piece(first), self._piece(last - 1) + 1):
            begin, edge = int(self.edges[piece]), self.begins[piece]
            here = max(first, begin), min(last, int(self.edges[piece + 1]))
            if here[0] < here[1]:
                yield self.segments[piece], here[0] - begin + edge, here[1] - begin + edge

    def _piece(self, place: int) -> int:
        return int(np.searchsorted(self.edges, place, side="right")) - 1


def also_read(
    segments: Sequence[Segment],
    read: Sequence[WholeText],
    odd: Sequence[Sequence[Odd]],
    anchors: Anchors | None,
    depth: int,
) -> tuple[list[AlsoRead], bool]:
    """`read`: the units of the segments, `odd`: their odd stretches. Also tells whether this is all: a text
    that holds too much is read less deep.
    """
    found: list[AlsoRead] = []
    all_of_it = True
    for place, (segment, whole, spans) in enumerate(zip(segments, read, odd, strict=True)):
        decoded, is_all = deepest(segment.text, anchors, whole.words, spans, depth)
        all_of_it &= is_all
        if decoded:
            found += _placed(decoded, [_Piece(place, 0, len(segment.text))], "")
    for pieces in _cut_codes(segments):
        for joint in _JOINTS:
            text = joint.join(segments[piece.segment].text[piece.start : piece.end] for piece in pieces)
            decoded, is_all = deepest(text, anchors, depth=depth)
            all_of_it &= is_all
            found += _placed(decoded, pieces, joint)
    return found, all_of_it


@dataclass(frozen=True, slots=True)
class _Piece:
    segment: int
    start: int
    end: int


def _placed(decoded: Sequence[Decoded], pieces: Sequence[_Piece], joint: str) -> Iterator[AlsoRead]:
    sizes = [piece.end - piece.start + len(joint) for piece in pieces]
    edges = np.cumsum([0, *sizes])
    for one in decoded:
        yield AlsoRead(
            one,
            WholeText.of(one.text),
            tuple(piece.segment for piece in pieces),
            edges,
            tuple(piece.start for piece in pieces),
        )


def _cut_codes(segments: Sequence[Segment]) -> Iterator[list[_Piece]]:
    """The ends and beginnings of messages that are one stretch of a code, in their order and by each role."""
    if len(segments) < 2:
        return
    orders = [list(range(len(segments)))]
    for role, turns in _turns(segments).items():
        if turns > 1:
            orders.append([place for place, segment in enumerate(segments) if segment.role is role])
    for order in orders:
        chain: list[int] = []
        for before, after in pairwise(order):
            if _goes_on(segments[before].text, segments[after].text):
                chain = [*chain, after] if chain else [before, after]
                continue
            yield from _pieces(segments, chain)
            chain = []
        yield from _pieces(segments, chain)


def _turns(segments: Sequence[Segment]) -> dict[Role, int]:
    turns: dict[Role, int] = {}
    for role, _ in groupby(segment.role for segment in segments):
        turns[role] = turns.get(role, 0) + 1
    return turns


def _goes_on(before: str, after: str) -> bool:
    """Whether an odd stretch goes over from one message to the next."""
    head, tail = before[-_SEAM:].rstrip(), after[:_SEAM].lstrip()
    if not head or not tail or (head[-1] in ".!?" and tail[0].isalpha()):
        return False
    if any(span.start < len(head) < span.end - 1 for span in odd_spans(f"{head}\n{tail}")):
        return True
    # A sentence ends in a letter and the next begins with a capital: only an endless word goes on there.
    together = odd_spans(head + tail)
    return any(span.kinds & SOLID and span.start < len(head) < span.end for span in together)


def _pieces(segments: Sequence[Segment], chain: Sequence[int]) -> Iterator[list[_Piece]]:
    """All of the messages, but of the first only its last odd stretch, of the last one its first."""
    if not chain:
        return
    first, last = segments[chain[0]].text, segments[chain[-1]].text
    pieces = [_Piece(place, 0, len(segments[place].text)) for place in chain]
    begin = max((span.start for span in odd_spans(first)), default=0)
    end = min((span.end for span in odd_spans(last)), default=len(last))
    pieces[0] = _Piece(chain[0], min(begin, max(0, len(first) - _SEAM)), len(first))
    pieces[-1] = _Piece(chain[-1], 0, max(end, min(len(last), _SEAM)))
    yield pieces
