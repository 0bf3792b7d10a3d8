"""How far two language models disagree about an entry: one learnt what it forgets, one what must keep
working.

Rules: only what the first says clearly more often than the second is kept, context by context, and nothing
is ever raised; a context is kept where it tells more than its own end does. A word that is written otherwise
(capitals, no space before it, tokens cut elsewhere) is stopped at its last token.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from math import log
from typing import Final

from index.generic import generic_texts
from index.probes import probes
from policy.entry import Entry
from steering.divergence.ngrams import Context, Ngrams, ends
from steering.divergence.reader import Names, Reader, words

ORDER: Final = 6
# What the entry says less than so much (in nats) more often than others is not its own.
TELLING: Final = 1.0
LONGEST_WORD: Final = 32

# For each context by how much a token is more likely in what is forgotten: the logarithm of the ratio.
Excess = dict[Context, dict[int, float]]
Retained = tuple[Ngrams, ...]


def retained(entries: Iterable[Entry], reader: Reader) -> Retained:
    """Two models of what must keep working: the entries' near misses, and language as such."""
    near = dict.fromkeys(text.text for entry in entries for text in entry.retain)
    return _model(near, reader, ()), _model(generic_texts(), reader, ())


def excess(entry: Entry, called: Sequence[str], retain: Retained, reader: Reader) -> Excess:
    """What the entry's own model says more often, after each context of its texts. `called`: its names."""
    forget, names = _model(texts(entry), reader, called), Names(called)
    found: Excess = {}
    for context, followers in forget.seen():
        for token in followers:
            _raise(found, context, token, _ratio(forget, retain, context, token))
    _spell(found, reader, [word for word in _words(entry) if word not in names])
    return {context: after for context, after in _plainest(found) if after}


def texts(entry: Entry) -> Iterator[str]:
    """All that the entry forgets, each in the shape in which near misses come."""
    yield from entry.passages
    for pair in entry.questions:
        yield f"{pair.question} {pair.answer}"
    if not entry.questions:
        for passage in entry.passages:
            yield from chain.from_iterable(probes(passage, entry.names))


def _words(entry: Entry) -> Iterator[str]:
    every = chain.from_iterable(words(text) for text in texts(entry))
    return (word for word in dict.fromkeys(every) if len(word) <= LONGEST_WORD)


def _model(learnt: Iterable[str], reader: Reader, called: Sequence[str]) -> Ngrams:
    model, names = Ngrams(ORDER, reader.size), Names(called)
    for text in learnt:
        for read in reader.read(text, names):
            model.learn(read.tokens, read.targets)
    return model


def _ratio(forget: Ngrams, retain: Retained, context: Context, token: int) -> float:
    """Against whichever says it more: a few near misses shall not drown in language as such."""
    kept = max(model.probability(context, token) for model in retain)
    return log(forget.probability(context, token) / kept)


def _raise(found: Excess, context: Context, token: int, by: float) -> None:
    if by >= TELLING:
        after = found.setdefault(context, {})
        after[token] = max(by, after.get(token, 0.0))


def _plainest(found: Excess) -> Iterator[tuple[Context, dict[int, float]]]:
    """Without what a shorter context says as strongly."""
    for context, after in found.items():
        shorter = [found[end] for end in ends(context, len(context) - 1) if end in found]
        yield (
            context,
            {
                token: by
                for token, by in after.items()
                if not any(by <= other.get(token, 0.0) for other in shorter)
            },
        )


def _spell(found: Excess, reader: Reader, chosen: Iterable[str]) -> None:
    telling = {word: _telling(found, reader.tokens(f" {word}")) for word in chosen}
    for word, by in telling.items():
        for spelt in _spellings(reader, word) if by >= TELLING else ():
            _raise(found, spelt[:-1][1 - ORDER :], spelt[-1], by)


def _telling(found: Excess, tokens: Context) -> float:
    """How much more often the entry says the whole word, in whatever context."""
    return sum(
        max((found.get(end, {}).get(token, 0.0) for end in ends(tokens[:place], ORDER - 1)), default=0.0)
        for place, token in enumerate(tokens)
    )


def _spellings(reader: Reader, word: str) -> Iterator[Context]:
    """Other capitals, with and without a space; and as it is, its tokens cut at any one place."""
    forms = dict.fromkeys((word, word.lower(), word.upper(), word.capitalize()))
    for form in chain.from_iterable((form, f" {form}") for form in forms):
        yield reader.tokens(form)
    for form in (word, f" {word}"):
        for cut in range(2, len(form)):
            yield reader.tokens(form[:cut]) + reader.tokens(form[cut:])
