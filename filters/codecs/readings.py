"""Every way of reading a text that somebody may have meant: what is encoded in it, and what in that,
three deep.

Rules: codes are rows of a table; a row is tried only in stretches that look odd in its way. What is read
is a piece of the text around what was decoded. The work is bounded by the length of the text: a text that
holds more than that (`TooMuchEncoded`) is not read in part, it is refused.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise
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
    words,
)
from filters.codecs.decoded import Decoded, spliced
from filters.codecs.layers import layers
from filters.codecs.oddness import (
    ANY,
    ESCAPED,
    HIDDEN,
    JOINED,
    MIXED,
    NUMBERS,
    SIGNS,
    SINGLES,
    SOLID,
    Odd,
    odd_spans,
)
from filters.codecs.radix import RADIXES
from index.anchors import LEAST_OF_PHRASE, SPELLING, Anchors
from index.whole_text import WholeText

DEPTH = 3
# Around words in disguise stand the others of a name.
_SOME_WORDS = 120
# So much of what stands beside something decoded is read with it again.
_BESIDE = 80
# So many characters are read again for each of a text, and so many for any text.
_SPACES = re.compile(r"\s")
# Of a long stretch so much is looked at together for words in disguise.
_CHUNK = 256
# What is shorter may be a part of a code that is not odd alone.
_SOME = 16
MOST_FOR_EACH = 6
MOST_ANYWAY = 1 << 17

Tells = Callable[[Collection[str]], bool]


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
    Code(MIXED | SOLID | ESCAPED | SIGNS | JOINED, 7, uu.read),
    Code(NUMBERS, 5, numbers.read),
    Code(SIGNS | JOINED, 5, signs.morse),
    Code(SIGNS, 1, signs.braille),
    Code(HIDDEN, 1, hidden.read),
)


_ESCAPES = (Code(ESCAPED, 2, escapes.read),)
_TURNED = (Code(ESCAPED, 12, escapes.turned),)
# What any code may stand in.
_DRESSES = (Code(ANY, 2, bare.read),), (Code(ANY, 11, spaced.read),), (Code(ANY, 12, shifted.read),)


class Disguise(NamedTuple):
    """The same for words, which are read so only where that tells, and not again in what was read so."""

    view: str
    kinds: int
    read: Callable[[str, int, int, Tells], Iterator[Decoded]]


_DISGUISES = (
    Disguise("leet", MIXED | ESCAPED | SIGNS, words.leet("i")),
    Disguise("leet", MIXED | ESCAPED | SIGNS, words.leet("l")),
    Disguise("apart", SINGLES, words.apart),
    Disguise("cut", JOINED | ESCAPED | SIGNS | HIDDEN, words.cut),
    Disguise("together", MIXED, words.together),
)


def readings(
    text: str,
    anchors: Anchors | None = None,
    said: Sequence[str] | None = None,
    odd: Sequence[Odd] | None = None,
    depth: int = DEPTH,
) -> list[Decoded]:
    """`said`: the text's units, `odd`: its odd stretches, where they are known. Without anchors no alphabet
    is turned.
    """
    found, all_of_it = deepest(text, anchors, said, odd, depth)
    if not all_of_it:
        raise TooMuchEncoded(f"a text of {len(text)} characters holds more than is read of it")
    return found


def deepest(
    text: str,
    anchors: Anchors | None = None,
    said: Sequence[str] | None = None,
    odd: Sequence[Odd] | None = None,
    depth: int = DEPTH,
) -> tuple[list[Decoded], bool]:
    """The readings as deep as they are not too many, and whether that is as deep as was wanted."""
    found: list[Decoded] = []
    seen: set[tuple[str, int, int]] = set()
    left = MOST_FOR_EACH * len(text) + MOST_ANYWAY
    level = _once(text, odd_spans(text) if odd is None else odd, None, anchors, said)
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
        level = _deeper(new, anchors) if done < depth else iter(())
    return found, True


def _deeper(pieces: Sequence[Decoded], anchors: Anchors | None) -> Iterator[Decoded]:
    for piece in pieces:
        inside = list(_freshly(piece.text, odd_spans(piece.text), piece.fresh))
        for reading in _once(piece.text, inside, piece, anchors, None):
            yield reading.within(piece)


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


def _once(
    text: str,
    odd: Sequence[Odd],
    outer: Decoded | None,
    anchors: Anchors | None,
    said: Sequence[str] | None,
) -> Iterator[Decoded]:
    """What the text reads with one code undone. `outer`: the reading that it is, where it is one; then only
    what was decoded is read again.
    """
    views = outer.view.split("+") if outer is not None else []
    if odd:
        for codes in (_CODES, _ESCAPES, *_DRESSES):
            yield from _decoded(text, odd, codes, outer)
        # A turn of a turn is a turn.
        if escapes.TURNED not in views[-1:]:
            yield from _decoded(text, odd, _TURNED, outer)
        tells = anchors.telling if anchors is not None else _any
        for disguise in _DISGUISES:
            if disguise.view not in views:
                yield from spliced(text, list(_read(disguise, text, odd, tells)), _SOME_WORDS)
    yield from program.read(text)
    if anchors is not None and not (views and views[-1] in turned.VIEWS):
        yield from _turned(text, anchors, WholeText.of(text).words if said is None else said)


def _turned(text: str, anchors: Anchors, said: Sequence[str]) -> Iterator[Decoded]:
    for turn in turned.turns_in(said, anchors):
        if turn == SPELLING:
            yield from spliced(text, list(signs.spelling(text, 0, len(text))))
        else:
            yield from turned.read(text, turn, anchors)


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


def _read(disguise: Disguise, text: str, odd: Sequence[Odd], tells: Tells) -> Iterator[Decoded]:
    for start, end, kinds in odd:
        if disguise.kinds & kinds:
            narrow = end - start > 2 * _CHUNK and disguise.kinds != SINGLES
            spans = _telling(disguise, text, (start, end), tells) if narrow else [(start, end)]
            for first, last in spans:
                yield from disguise.read(text, first, last, tells)


def _telling(disguise: Disguise, text: str, span: tuple[int, int], tells: Tells) -> Iterator[tuple[int, int]]:
    """Of a long stretch the parts that tell, each of them two chunks at least."""
    edges = list(_edges(text, *span))
    said = [_said(disguise, text, *chunk) for chunk in pairwise(edges)]
    begin = stop = -1
    for at, (first, last) in enumerate(zip(edges, edges[2:], strict=False)):
        # No word goes on over a space, so that two chunks say together what each says alone.
        if text[edges[at + 1]].isspace() and not tells(said[at] | said[at + 1]):
            continue
        if not any(True for _ in disguise.read(text, first, last, tells)):
            continue
        if begin >= 0 and first > stop:
            yield begin, stop
            begin = first
        begin, stop = first if begin < 0 else begin, last
    if begin >= 0:
        yield begin, stop


def _said(disguise: Disguise, text: str, start: int, end: int) -> set[str]:
    """The words that would have to tell."""
    asked: set[str] = set()

    def ask(words: Collection[str]) -> bool:
        asked.update(words)
        return False

    for _ in disguise.read(text, start, end, ask):
        pass
    return asked


def _edges(text: str, start: int, end: int) -> Iterator[int]:
    """Where the chunks of a stretch begin and end: no word is cut, unless it is endless."""
    while start < end:
        yield start
        space = _SPACES.search(text, start + _CHUNK, min(end, start + 2 * _CHUNK))
        start = space.start() if space else start + 2 * _CHUNK
    yield end


def _any(words: Collection[str]) -> bool:
    return any(len(word) >= LEAST_OF_PHRASE for word in words)
