"""A way of writing text so that a filter does not see it, and of reading it back out of an answer.

Written apart from the product's own decoders, so that a slip in one is seen by the other. Reading is
tolerant: it yields whatever any run of the text says in this code, because a leak is what a patient reader
could get.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

Change = Callable[[str], str]
_ANYTHING: Final = re.compile(r".+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Code:
    """`title` is how a person would name it. `runs` are the parts of a text that may be written in it."""

    title: str
    encode: Change
    decode: Change
    runs: re.Pattern[str] = _ANYTHING

    def read(self, text: str) -> Iterator[str]:
        """The text with its runs decoded in place, and each run alone."""
        found = [(run.span(), self.decoded(run[0])) for run in self.runs.finditer(text)]
        yield from (said for _, said in found if said)
        if len(found) > 1:
            yield _replaced(text, found)

    def replace(self, text: str) -> str:
        """The text with every run that can be decoded decoded in place."""
        return _replaced(text, [(run.span(), self.decoded(run[0])) for run in self.runs.finditer(text)])

    def decoded(self, run: str) -> str:
        """What one run says; nothing where it says nothing."""
        try:
            return self.decode(run)
        except ValueError:
            return ""


def _replaced(text: str, found: Sequence[tuple[tuple[int, int], str]]) -> str:
    parts, at = [], 0
    for (start, end), said in found:
        parts += [text[at:start], said or text[start:end]]
        at = end
    return "".join([*parts, text[at:]])


def chained(codes: Sequence[Code]) -> Change:
    """Writes in the first code, that in the second, and so on."""

    def encode(text: str) -> str:
        for code in codes:
            text = code.encode(text)
        return text

    return encode


def reader(codes: Sequence[Code]) -> Callable[[str], Iterator[str]]:
    """Reads what `chained` wrote: the last code first."""

    def read(text: str) -> Iterator[str]:
        texts = [text]
        for code in reversed(codes):
            texts = list(dict.fromkeys(said for one in texts for said in code.read(one)))
        yield from texts

    return read
