"""Every way of reading a text that somebody may have meant: what is encoded in it, and what in that,
three deep.

Rules: codes are rows of a table; a row is tried only in stretches that look odd in its way. What is read
is a piece of the text around what was decoded. The work is bounded by the length of the text: a text that
holds more than that (`TooMuchEncoded`) is not read in part, it is refused.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from filters.codecs import (
    bare,
    base85,
    escapes,
    hidden,
    numbers,
    program,
    shifted,
    signs,
    spaced,
    turned,
    uu,
)
from filters.codecs.decoded import Decoded, spliced
from filters.codecs.disguises import DISGUISES, any_word
from filters.codecs.layers import layers
from filters.codecs.oddness import (
    ANY,
    ESCAPED,
    HIDDEN,
    JOINED,
    MIXED,
    NUMBERS,
    SIGNS,
    SOLID,
    Odd,
    odd_spans,
)
from filters.codecs.radixes import RADIXES
from filters.codecs.words import Tells
from index.anchors import SPELLING, Anchors
from index.whole_text import WholeText

DEPTH = 3
# So much of what stands beside something decoded is read with it again.
_BESIDE = 80
# What is shorter may be a part of a code that is not odd alone.
_SOME = 16
# So many characters are read again for each of a text, and so many for any text.
MOST_FOR_EACH = 6
MOST_ANYWAY = 1 << 17


class TooMuchEncoded(ValueError):
    """More is encoded in a text than is ever read."""


class Code(NamedTuple):
    """`kinds`: what is odd about a stretch that may hold it. `least`: how long it is at least."""

    kinds: int
    least: int
    read: Callable[[str, int, int], Iterator[Decoded]]


_CODES = (
    *(Code(MIXED | SOLID | NUMBERS | ESCAPED, radix.least, radix.read) for radix in RADIXES),
    Code(MIXED | SOLID | ESCAPED | SIGNS | JOINED, 7, base85.read),
    Code(MIXED | SOLID | ESCAPED | SIGNS | JOINED, 6, uu.read),
    Code(NUMBERS, 5, numbers.read),
    Code(SIGNS | JOINED, 5, signs.morse),
    Code(SIGNS, 1, signs.braille),
    Code(HIDDEN, 1, hidden.read),
)


_ESCAPES = (Code(ESCAPED, 2, escapes.read),)
_TURNED = (Code(ESCAPED, 12, escapes.turned),)
_UNTAGGED = (Code(HIDDEN, 2, hidden.untagged),)
# What any code may stand in.
_DRESSES = (Code(ANY, 2, bare.read),), (Code(ANY, 11, spaced.read),), (Code(ANY, 12, shifted.read),)


def readings(
    text: str,
    anchors: Anchors | None = None,
    said: Sequence[str] | None = None,
    odd: Sequence[Odd] | None = None,
    depth: int = DEPTH,
    tells: Tells | None = None,
) -> list[Decoded]:
    """`said`: the text's units, `odd`: its odd stretches, where they are known. Without anchors no alphabet
    is turned. `tells`: which words in disguise are worth a closer look, where the anchors do not say.
    """
    found, all_of_it = deepest(text, anchors, said, odd, depth, tells)
    if not all_of_it:
        raise TooMuchEncoded(f"a text of {len(text)} characters holds more than is read of it")
    return found


def deepest(
    text: str,
    anchors: Anchors | None = None,
    said: Sequence[str] | None = None,
    odd: Sequence[Odd] | None = None,
    depth: int = DEPTH,
    tells: Tells | None = None,
) -> tuple[list[Decoded], bool]:
    """The readings as deep as they are not too many, and whether that is as deep as was wanted."""
    found: list[Decoded] = []
    seen: set[tuple[str, int, int]] = set()
    left = MOST_FOR_EACH * len(text) + MOST_ANYWAY
    reader = _Reader(anchors, tells or (anchors.telling if anchors is not None else any_word))
    level = reader.once(text, odd_spans(text) if odd is None else odd, None, said)
    for done in range(1, depth + 1):
        new: list[Decoded] = []
        for piece in level:
            known = piece.text, piece.begin, piece.end
            if known in seen:
                continue
            seen.add(known)
            left -= len(piece.text)
            if left < 0:
                return found, False
            new.append(piece)
        found += new
        level = reader.deeper(new) if done < depth else iter(())
    return found, True


@dataclass(frozen=True, slots=True)
class _Reader:
    """Undoes one code at a time. `tells` is asked about words in disguise."""

    anchors: Anchors | None
    tells: Tells

    def once(
        self, text: str, odd: Sequence[Odd], outer: Decoded | None, said: Sequence[str] | None
    ) -> Iterator[Decoded]:
        """What the text reads with one code undone. `outer`: the reading that it is, where it is one; then
        only what was decoded is read again.
        """
        views = outer.view.split("+") if outer is not None else []
        if odd:
            for codes in (_CODES, _ESCAPES, _UNTAGGED, *_DRESSES):
                yield from _decoded(text, odd, codes, outer)
            # A turn of a turn is a turn.
            if escapes.TURNED not in views[-1:]:
                yield from _decoded(text, odd, _TURNED, outer)
            for disguise in DISGUISES:
                if disguise.view not in views:
                    yield from disguise.undone(text, odd, self.tells)
        yield from program.read(text)
        if self.anchors is not None and not (views and views[-1] in turned.VIEWS):
            yield from _turned(text, self.anchors, WholeText.of(text).words if said is None else said)

    def deeper(self, pieces: Sequence[Decoded]) -> Iterator[Decoded]:
        for piece in pieces:
            inside = list(_freshly(piece.text, odd_spans(piece.text), piece.fresh))
            for reading in self.once(piece.text, inside, piece, None):
                yield reading.within(piece)


def _turned(text: str, anchors: Anchors, said: Sequence[str]) -> Iterator[Decoded]:
    for turn in turned.turns_in(said, anchors):
        if turn == SPELLING:
            yield from spliced(text, list(signs.spelling(text, 0, len(text))))
        else:
            yield from turned.read(text, turn, anchors)


def _may_go_on(text: str, start: int, end: int) -> bool:
    """Whether what was decoded may be a code again, or a part of one: it is short, odd, or ends in a word."""
    return (
        end - start < _SOME
        or _touches(text, start)
        or _touches(text, end)
        or bool(odd_spans(text[start:end]))
    )


def _touches(text: str, edge: int) -> bool:
    """Whether one word goes on over the edge."""
    around = text[max(0, edge - 1) : edge + 1]
    return len(around) == 2 and not (around[0].isspace() or around[1].isspace())


def _freshly(text: str, odd: Sequence[Odd], fresh: Sequence[tuple[int, int]]) -> Iterator[Odd]:
    """What is odd and was decoded, with some of the odd text beside it: a code may be half of what was
    decoded. The rest of a long stretch was read before.
    """
    place = 0
    fresh = [span for span in fresh if _may_go_on(text, *span)]
    for start, end, kinds in odd:
        while place < len(fresh) and fresh[place][1] <= start:
            place += 1
        at = place
        begin = stop = -1
        while at < len(fresh) and fresh[at][0] < end:
            first, last = max(start, fresh[at][0] - _BESIDE), min(end, fresh[at][1] + _BESIDE)
            if begin >= 0 and first > stop:
                yield Odd(begin, stop, kinds)
                begin = first
            begin, stop = first if begin < 0 else begin, last
            at += 1
        if begin >= 0:
            yield Odd(begin, stop, kinds)


def _decoded(
    text: str, odd: Sequence[Odd], codes: Sequence[Code], outer: Decoded | None
) -> Iterator[Decoded]:
    """As many runs as can be read at once in one reading, the others in some more."""
    runs = [
        run
        for start, end, kinds in odd
        for code in codes
        if code.kinds & kinds and end - start >= code.least
        for run in code.read(text, start, end)
        if outer is None or outer.is_fresh(run.begin - 1, run.end + 1)
    ]
    for layer in layers(runs):
        yield from spliced(text, layer)
