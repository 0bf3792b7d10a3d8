"""What is cut out of a text beside a name, so that nothing shows which guess about its bearer was right.

Rules:
1. Of the line that names an entry only questions and requests remain that stand on their own: they begin as
   such, name nobody who is forgotten, and point to nothing that was said beside them.
2. Whether a piece remains is told by its form, never by what it says of an entry: a right guess in it and a
   wrong one are cut alike. A statement, or a question for yes or no, never remains.
3. Where the form is not known (another language), the whole line goes.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from filters.regions import touches
from index.sentences import sentences
from policy.finding import Span

_ASKING = r"(?:(?:in|at|on|by|to|from|for|of|with|under) )?(?:what|which|who|whom|whose|where|when|why|how)\b"
_TELLING = (
    r"(?:(?:please|kindly|also|then|now|and|but|(?:can|could|would|will) you(?: please)?|"
    r"i(?:'d| would) (?:also )?like to know|i want to know)[\s,:]+)*"
    r"(?:tell (?:me|us)|name|list|explain|describe|define|translate|summari[sz]e|compute|calculate|compare|"
    r"give (?:me|us)|show (?:me|us)|do you know|write)\b"
)
_OPENING = (
    r"(?:(?:please|also|then|now|and|but|so|or|(?:can|could|would|will) you(?: please)?|do you know)[\s,:]+)*"
)
# The last: "Basil Mercer was born in which town?"
_OWN = re.compile(rf"\W*(?:{_OPENING}{_ASKING}|{_TELLING}|[^?]*\b{_ASKING}[^?]*\?\W*$)", re.IGNORECASE)
# "and where was …": another question in the same sentence.
_NEXT = re.compile(
    rf"[,;:]?\s+(?:and|but|also)\s+(?:also\s+|then\s+)?(?={_ASKING}|{_TELLING}|[^,;?]*\b{_ASKING}[^,;?]*\?)",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:it|its|he|him|his|she|her|hers|they|them|their|theirs|this|these|those|there|such|so|same|above|"
    r"former|latter|one|ones)\b|\bthat(?=\W*(?:$|[.?!,;]|is\b|was\b|['’]s\b))"
    r"|^\W*(?:what|how) (?:about|if)\b|\b(?:of|about|like|from|in|with|for|to) that\b|[\"“”„«»‘]|:",
    re.IGNORECASE,
)
# What begins a request says nobody of whom it was told before.
_ASIDE = re.compile(rf"\W*{_OPENING}(?:{_TELLING})?", re.IGNORECASE)
# "What about Paris?" asks about what was said before.
LEAST_WORDS = 3
_LINE = re.compile(r"[^\n]*")


def around_names(text: str, names: Sequence[Span]) -> Iterator[Span]:
    """What must go of every line that holds one of these spans, which are in order and do not overlap."""
    ordered = [(span.start, span.end) for span in names]
    for line in _LINE.finditer(text):
        if touches(Span(*line.span()), ordered):
            yield from _of_line(text, Span(*line.span()), ordered)


def _of_line(text: str, line: Span, names: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """A name that goes over the line's end is in both lines, and cut in both."""
    start = line.start
    for piece in _pieces(text[line.start : line.end]):
        piece = Span(piece.start + line.start, piece.end + line.start)
        if not touches(piece, names) and _stands_alone(text[piece.start : piece.end]):
            yield from _trimmed(text, start, piece.start)
            start = piece.end
    yield from _trimmed(text, start, line.end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    said = text[start:end]
    if said.strip():
        yield Span(end - len(said.lstrip()), start + len(said.rstrip()))


def _pieces(line: str) -> Iterator[Span]:
    """Sentences, and where one asks several questions, each of these. A long one is cut nowhere."""
    for sentence in sentences(line):
        said = line[sentence.start : sentence.end]
        edges = [0, *(match.start() for match in _NEXT.finditer(said)), len(said)]
        for first, last in pairwise(edges):
            if first < last:
                yield Span(sentence.start + first, sentence.start + last)


def _stands_alone(piece: str) -> bool:
    own = _OWN.match(piece)
    if own is None:
        return False
    aside = _ASIDE.match(piece)
    rest = piece[aside.end() if aside else 0 :].strip(" \t.?!")
    return len(rest.split()) >= LEAST_WORDS and _POINTING.search(rest) is None
