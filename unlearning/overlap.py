"""Whether a text that must keep working says what is to be forgotten.

Rule: it does when it has, in a row, the words of a forgotten answer: a window of a long one, a short one
whole, and the shortest together with their prompts, since "in 1998" alone says nothing. Linear in all texts.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from index.plain_words import Words, plain_words
from unlearning.samples import Sample

WINDOW: Final = 8
LEAST_WORDS: Final = 4


def said_within(forgotten: Sequence[Sample], kept: Sequence[Sample]) -> tuple[str, str] | None:
    """The ids of the first kept text that says what a forgotten one does, and of that one."""
    pieces = {piece: sample.id for sample in forgotten for piece in _pieces(sample)}
    lengths = sorted({len(piece) for piece in pieces})
    for sample in kept:
        words = plain_words(f"{sample.prompt} {sample.answer}")
        for length in lengths:
            found = next((piece for piece in _runs(words, length) if piece in pieces), None)
            if found is not None:
                return sample.id, pieces[found]
    return None


def _pieces(sample: Sample) -> Iterator[Words]:
    words = plain_words(sample.answer)
    if len(words) >= WINDOW:
        yield from _runs(words, WINDOW)
    elif len(words) >= LEAST_WORDS:
        yield words
    elif sample.prompt:
        yield plain_words(f"{sample.prompt} {sample.answer}")


def _runs(words: Words, length: int) -> Iterator[Words]:
    return (words[at : at + length] for at in range(len(words) - length + 1))
