"""Text written backwards or in a turned alphabet: every Caesar shift, ROT13, Atbash.

Rule: words that are anchors under one and the same turn show it; around them the text is read that way. A
single short word is chance, and shows nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from filters.codecs.decoded import Decoded, Offsets, stretch
from index.anchors import LETTER_BITS, SPELLING, Anchors, Turn
from index.fold import fold_character
from index.units import units

# So unlikely must it be that the words are anchors by chance. Of turns that nobody uses there are many, each
# of which is less likely.
_SHOWING = 9.0
_USUAL = frozenset({Turn(False, 1, 13), Turn(False, -1, 25), Turn(True, 1, 0)})
VIEWS = frozenset({"reversed", "reversed shift", "atbash", "rot13", "caesar"})
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LINE = re.compile(r"[^\n]+")
# What stands between blanks, with the marks and line breaks in it.
_BETWEEN = re.compile(r"[^\W_](?:[^ ]*[^\W_])?")


def turns_in(words: Sequence[str], anchors: Anchors) -> tuple[Turn, ...]:
    """The turns that these words show."""
    known = anchors.turns
    if not any(map(known.__getitem__, words)):
        return ()
    telling: dict[Turn, set[str]] = {}
    for word in words:
        for turn in known[word]:
            telling.setdefault(turn, set()).add(word)
    return tuple(turn for turn, said in telling.items() if turn == SPELLING or _shows(turn, said, anchors))


def _shows(turn: Turn, said: Iterable[str], anchors: Anchors) -> bool:
    return sum(map(anchors.bits, said)) >= _SHOWING + (0 if turn in _USUAL else LETTER_BITS)


def read(text: str, turn: Turn, anchors: Anchors) -> Iterator[Decoded]:
    """The text around the words that show the turn, read under it."""
    for first, last in _stretches(text, turn, anchors):
        plain = _shifted(text[first:last], turn)
        places = np.arange(first, last)
        for order in _orders(text[first:last]) if turn.backwards else (np.arange(last - first),):
            said = "".join(plain[place] for place in order.tolist()) if turn.backwards else plain
            yield Decoded.of(said, places[order], places[order] + 1, _name(turn))


def _stretches(text: str, turn: Turn, anchors: Anchors) -> Iterator[tuple[int, int]]:
    found: tuple[int, int] | None = None
    for unit in units(text):
        if turn not in anchors.turns[unit.text]:
            continue
        first, last = stretch(text, unit.start, unit.end)
        if found is not None and first <= found[1]:
            found = found[0], last
            continue
        if found is not None:
            yield found
        found = first, last
    if found is not None:
        yield found


def _shifted(text: str, turn: Turn) -> str:
    if not text.isascii():
        text = "".join(map(_folded, text))
    alphabet = turn.alphabet()
    letters = "abcdefghijklmnopqrstuvwxyz"
    return text.translate(str.maketrans(letters + letters.upper(), alphabet + alphabet.upper()))


def _folded(character: str) -> str:
    """A look-alike is shifted as the letter it looks like."""
    if character.isascii():
        return character
    folded = fold_character(character)
    if len(folded) != 1 or not folded.isascii():
        return character
    return folded.upper() if character.isupper() else folded


def _orders(text: str) -> Iterator[Offsets]:
    """All of it from its end, each line from its end, each word from its end, cut at marks or not."""
    everything = np.arange(len(text))
    yield everything[::-1]
    for pattern in (_LINE, _WORD, _BETWEEN) if "\n" in text else (_WORD, _BETWEEN):
        order = everything.copy()
        for match in pattern.finditer(text):
            first, last = match.span()
            order[first:last] = order[first:last][::-1]
        yield order


def _name(turn: Turn) -> str:
    if turn.backwards:
        return "reversed" if (turn.sign, turn.shift) == (1, 0) else "reversed shift"
    if turn.sign < 0:
        return "atbash"
    return "rot13" if turn.shift == 13 else "caesar"
