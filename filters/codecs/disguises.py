"""The ways in which words are disguised, and where in a long stretch they are looked for.

Rule: words are read so only where that tells, and of a long stretch only around what would tell.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from filters.codecs import words
from filters.codecs.decoded import Decoded, spliced
from filters.codecs.oddness import ESCAPED, HIDDEN, JOINED, MIXED, SIGNS, SINGLES, Odd
from filters.codecs.words import Tells
from index.anchors import LEAST_OF_PHRASE

# Around words in disguise stand the others of a name.
_SOME_WORDS = 120
# Of a long stretch so much is looked at together.
_CHUNK = 256
_SPACES = re.compile(r"\s")


class Disguise(NamedTuple):
    """`kinds`: what is odd about a stretch that may hold it."""

    view: str
    kinds: int
    read: Callable[[str, int, int, Tells], Iterator[Decoded]]

    def undone(self, text: str, odd: Sequence[Odd], tells: Tells) -> Iterator[Decoded]:
        """The text without it, around where it was."""
        return spliced(text, list(self._read(text, odd, tells)), _SOME_WORDS)

    def _read(self, text: str, odd: Sequence[Odd], tells: Tells) -> Iterator[Decoded]:
        for start, end, kinds in odd:
            if self.kinds & kinds:
                narrow = end - start > 2 * _CHUNK and self.kinds != SINGLES
                spans = self._telling(text, (start, end), tells) if narrow else [(start, end)]
                for first, last in spans:
                    yield from self.read(text, first, last, tells)

    def _telling(self, text: str, span: tuple[int, int], tells: Tells) -> Iterator[tuple[int, int]]:
        """Of a long stretch the parts that tell, each of them two chunks at least."""
        edges = list(_edges(text, *span))
        said = [self._said(text, *chunk) for chunk in pairwise(edges)]
        begin = stop = -1
        for at, (first, last) in enumerate(zip(edges, edges[2:], strict=False)):
            # No word goes on over a space, so that two chunks say together what each says alone.
            if text[edges[at + 1]].isspace() and not tells(said[at] | said[at + 1]):
                continue
            if not any(True for _ in self.read(text, first, last, tells)):
                continue
            if begin >= 0 and first > stop:
                yield begin, stop
                begin = first
            begin, stop = first if begin < 0 else begin, last
        if begin >= 0:
            yield begin, stop

    def _said(self, text: str, start: int, end: int) -> set[str]:
        """The words that would have to tell."""
        asked: set[str] = set()

        def ask(words: Collection[str]) -> bool:
            asked.update(words)
            return False

        for _ in self.read(text, start, end, ask):
            pass
        return asked


def any_word(words: Collection[str]) -> bool:
    """Where nothing is known of what is forgotten, any word that is long enough tells."""
    return any(len(word) >= LEAST_OF_PHRASE for word in words)


def _edges(text: str, start: int, end: int) -> Iterator[int]:
    """Where the chunks of a stretch begin and end: no word is cut, unless it is endless."""
    while start < end:
        yield start
        space = _SPACES.search(text, start + _CHUNK, min(end, start + 2 * _CHUNK))
        start = space.start() if space else start + 2 * _CHUNK
    yield end


DISGUISES = (
    Disguise("leet", MIXED | ESCAPED | SIGNS, words.leet("i")),
    Disguise("leet", MIXED | ESCAPED | SIGNS, words.leet("l")),
    Disguise("apart", SINGLES, words.apart),
    Disguise("cut", JOINED | ESCAPED | SIGNS | HIDDEN, words.cut),
    Disguise("together", MIXED, words.together),
)
