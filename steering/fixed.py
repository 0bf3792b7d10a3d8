"""What is forgotten whatever stands before it: phrases of one unit, and phrases that one token says alone.

Rule: found once for a vocabulary, when it is first asked for, so that a step only has to look up the open
unit.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steering.book import CASED, Book
from steering.form import Form, Lead
from steering.heads import Heads, Ids, Tokens
from steering.line import Line

_LEADS = (Lead.GOES_ON, Lead.APOSTROPHE, Lead.CLOSES)
_JOINING = (Lead.GOES_ON, Lead.APOSTROPHE)
BROKEN = len(_LEADS)
MOST_KEPT = 4096
# A letter that no unit has: whatever goes on with it is nothing forgotten.
JUNK = "\0"
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Tokens that say a phrase of one unit where none is open, and whose phrase it is."""

    tokens: NDArray[np.int32]
    owners: NDArray[np.uint32]
    digests: NDArray[np.uint64]


class Fixed:
    """Of one book and one vocabulary. `endings`: by unit, the tokens of each lead that end it where none is
    open.

    `alone`: tokens of several units or many digits that complete something by themselves, and whether they do
    behind any open unit. `long`: those that may say so many units that no place was known before them.
    """

    def __init__(self, book: Book, tokens: Tokens) -> None:
        self._book, self._tokens = book, tokens
        self._opened: OrderedDict[tuple[str, bytes, bool], Ids] = OrderedDict()
        self.endings: dict[int, tuple[Ids, ...]] = {}
        self._stems = sorted({*book.singles, *book.firsts})
        self.leads = self._all_leads()
        self.pairs = self._all_pairs()
        self.alone = tuple(self._alone())
        self.long = tuple(number for number, said in enumerate(tokens.said) if self._is_long(said.form))

    def _all_leads(self) -> NDArray[np.uint8]:
        """By token id; tokens that begin inside a character have one of their own."""
        leads = np.array([said.form.lead for said in self._tokens.said], dtype=np.uint8)
        leads[list(self._tokens.after(b"").said)] = BROKEN
        return leads

    def _all_pairs(self) -> Pairs:
        found = [pair for text in self._book.singles for pair in self._pairs(text)]
        ids, owners, digests = zip(*found, strict=True) if found else ((), (), ())
        return Pairs(
            np.array(ids, dtype=np.int32),
            np.array(owners, dtype=np.uint32),
            np.array(digests, dtype=np.uint64),
        )

    def _pairs(self, text: str) -> Iterator[tuple[int, int, int]]:
        lists = (heads.exact[lead].get(text, ()) for heads in self._heads for lead in _LEADS)
        numbers = [number for ids in lists for number in ids]
        if not numbers:
            return
        sight = self._book.advance(self._book.start(), text, True)
        for said in sight.phrases:
            cased = bool(self._book.phrases.marks[said.owner] & CASED)
            for number in numbers:
                if not cased or may_be_name(self._tokens.said[number].form):
                    yield number, said.owner, said.digest

    @property
    def _heads(self) -> tuple[Heads, ...]:
        return self._tokens.whole, self._tokens.after(b"")

    def _alone(self) -> Iterator[tuple[int, bool]]:
        for number, said in enumerate(self._tokens.said):
            if len(said.form.units) > 1 or len(said.figures) > 1:
                anywhere = self.completes(number, JUNK) is not None
                if anywhere or self.completes(number, ""):
                    yield number, anywhere

    def completes(self, number: int, opened: str) -> Line | None:
        """The line behind this token, where something is complete then."""
        line = Line.start(self._book, opened)
        line.push(number, self._tokens)
        return line if line.said or line.windows else None

    def _is_long(self, form: Form) -> bool:
        return any(
            len(form.units) > chain.window - chain.context
            and bool(
                chain.table.lookup(chain.context, self._book.digest(self._inside(form, chain.context))).size
            )
            for chain in self._book.chains
        )

    def _inside(self, form: Form, context: int) -> list[int]:
        """The units behind the first, which may be only the end of one."""
        return [self._book.word_hash.of(unit) for unit in form.units[1 : 1 + context]]

    def candidates(self, opened: str, before: bytes, heads: Heads) -> Ids:
        """Tokens that may complete something that begins with the open unit; not all of them do."""
        place = bisect_left(self._stems, opened)
        if place == len(self._stems) or not self._stems[place].startswith(opened):
            return ()
        key = opened, before, heads is self._tokens.whole
        found = self._opened.get(key)
        if found is None:
            found = self._opened[key] = tuple(dict.fromkeys(self._candidates(opened, heads)))
            if len(self._opened) > MOST_KEPT:
                self._opened.popitem(last=False)
        return found

    def _candidates(self, opened: str, heads: Heads) -> Iterator[int]:
        for texts, lists in ((self._book.singles, heads.exact), (self._book.firsts, heads.longer)):
            for lead in _JOINING if opened else _LEADS:
                for rest in _rests(opened, texts, lists[lead]):
                    yield from lists[lead][rest]


def _rests(opened: str, texts: Sequence[str], heads: Mapping[str, Ids]) -> Iterator[str]:
    """What, put behind the open unit, makes one of the sorted texts and is said by a token."""
    first, last = bisect_left(texts, opened), bisect_left(texts, opened + _LAST)
    if last - first <= len(heads):
        cut = (text[len(opened) :] for text in texts[first:last])
        yield from (rest for rest in cut if rest in heads)
        return
    for rest in heads:
        place = bisect_left(texts, opened + rest, first, last)
        if place < last and texts[place] == opened + rest:
            yield rest


def may_be_name(form: Form) -> bool:
    return bool(form.capitals[0]) or form.units[0].upper() == form.units[0]
