"""Texts that are apart in a request, and printed to the model with nothing in between.

Rule: a word that is cut over two of them is whole to the model, so it is whole to the scanners. What is no
text of its own (a mark on a letter, what nobody sees) does not end a word.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

# By their fields, the texts that engines print as one: all of them, or those of one kind.
TOGETHER = (("text", "refusal", "thinking"), ("text", "refusal"), ("text",), ("thinking",))
# An apostrophe stands within a word.
WITHIN = frozenset("'’ʼ")


def whole_texts(parts: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """What the parts of one message say, where a word is cut over two of them."""
    if len(parts) > 1:
        yield from dict.fromkeys(whole for names in TOGETHER if (whole := whole_text(_said(parts, names))))


def whole_text(texts: Iterable[str]) -> str:
    """All of them; nothing, where every word ends where its text does."""
    said = [text for text in texts if text]
    return "".join(said) if any(_goes_on(one, other) for one, other in pairwise(said)) else ""


def _said(parts: Iterable[Mapping[str, object]], names: Sequence[str]) -> Iterator[str]:
    for part in parts:
        for name in names:
            if isinstance(text := part.get(name), str):
                yield text


def _goes_on(one: str, other: str) -> bool:
    return _edge(reversed(one)).isalnum() and _edge(other).isalnum()


def _edge(letters: Iterable[str]) -> str:
    """The first that is seen by itself."""
    return next((letter for letter in letters if not _is_within(letter)), "")


def _is_within(letter: str) -> bool:
    return letter in WITHIN or (letter > "\x7f" and unicodedata.category(letter) in ("Mn", "Me", "Cf"))
