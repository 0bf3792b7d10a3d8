"""How much a phrase tells whose it is, when the subject has another name or none.

Rules:
1. A phrase counts by how rare it is among the entry's own kind: the sources of texts that must keep working,
   and the other entries. What many of them have tells nothing.
2. What stands in another phrase of its entry is no further fact: "1931" says nothing beside "12 March 1931".
   Nor is what stands in the same answer: a city, its country and its language come together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import log2

import numpy as np

from index.key import subkey
from index.phrases import PlainPhrase
from index.plain_words import plain_words
from index.rolling import Hashes
from index.words_of import Places
from policy.entry import Entry
from policy.finding import Detector

# A share of which nothing was seen among so many may still be three of so many (at 95 %).
UNSURE = 3
# Where few neighbours are known, one in eight is taken to have what none of the known ones has.
UNSEEN_BITS = 3.0
# `apart` is kept in eighths of a bit: whole ones would be too coarse for what adds up.
EIGHTHS = 8
# However many texts say nothing of it: a list of questions does not hold what their answers would.
MOST_APART = 4.5
# Runs of so many words are looked for in answers.
LONGEST = 12
# All names of an entry are one fact.
NAME = 0

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """`apart`: by how many eighths of a bit it sets its entry apart. `fact`: a keyed number of
    what it says.
    """

    apart: int
    fact: int


def tellings(
    phrases: Sequence[PlainPhrase],
    owners: Sequence[int],
    entries: Sequence[Entry],
    held: Mapping[int, Collection[str]],
    sources: int,
    key: bytes,
) -> list[Telling]:
    """For each phrase; `owners` are their entries, `held` says which of so many sources hold which phrase."""
    found = aparts(
        forms(phrases, key),
        np.array(owners, dtype=np.int64),
        np.array([len(held.get(place, ())) for place in range(len(phrases))], dtype=np.int64),
        np.full(len(phrases), sources),
    )
    return list(map(Telling, found.tolist(), facts(phrases, owners, entries, key)))


def forms(phrases: Sequence[PlainPhrase], key: bytes) -> Hashes:
    """Keyed numbers by which phrases of different entries are seen to be the same."""
    secret = subkey(key, "forms")
    digests = (
        blake2b("\0".join(phrase.sequences[0]).encode(), key=secret, digest_size=8) for phrase in phrases
    )
    return np.array([int.from_bytes(digest.digest(), "little") for digest in digests], dtype=np.uint64)


def aparts(forms: Hashes, entries: Places, held: Places, sources: Places) -> Places:
    """For each phrase its `apart`. `held`: how many sources, of so many, hold it."""
    order = np.lexsort((entries, forms))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (forms[order][1:] != forms[order][:-1]) | (entries[order][1:] != entries[order][:-1])
    form, counts = np.unique(forms[order][new], return_counts=True)
    having = counts[np.searchsorted(form, forms)] - 1 + held
    neighbours = sources + max(0, len(np.unique(entries)) - 1)
    return np.array(list(map(_apart, having.tolist(), neighbours.tolist())), dtype=np.int64)


@lru_cache(maxsize=4096)
def _apart(having: int, neighbours: int) -> int:
    """As many as the known neighbours allow to say."""
    bits = log2((neighbours + UNSURE) / (having + UNSURE))
    return round(EIGHTHS * min(MOST_APART, bits if having else max(UNSEEN_BITS, bits)))


def facts(
    phrases: Sequence[PlainPhrase], owners: Sequence[int], entries: Sequence[Entry], key: bytes
) -> Iterator[int]:
    """For each phrase its `fact`."""
    secret = subkey(key, "facts")
    known: defaultdict[int, dict[Words, float]] = defaultdict(dict)
    for phrase, owner in zip(phrases, owners, strict=True):
        if phrase.detector is not Detector.NAME:
            known[owner][plain_words(phrase.text)] = phrase.bits
    homes = {owner: _homes(entries[owner]) for owner in set(owners)}
    for phrase, owner in zip(phrases, owners, strict=True):
        if phrase.detector is Detector.NAME:
            yield NAME
        else:
            core = _core(plain_words(phrase.text), known[owner])
            yield _number(homes[owner].get(core, core), secret)


def _homes(entry: Entry) -> dict[Words, Words]:
    """For everything that an answer says: the first answer that says it, in so many words."""
    homes: dict[Words, Words] = {}
    for pair in entry.questions:
        answer = plain_words(pair.answer)
        for size in range(1, LONGEST + 1):
            for first in range(len(answer) - size + 1):
                homes.setdefault(answer[first : first + size], ("", *answer))
    return homes


def _core(words: Words, known: Mapping[Words, float]) -> Words:
    """The rarest of the shortest phrases that stand in these words; most often they themselves."""
    within = [part for part in _parts(words) if part in known]
    shortest = [part for part in within if not any(other in known for other in _parts(part))]
    return max(shortest, key=lambda part: (known[part], part), default=words)


def _parts(words: Words) -> Iterable[Words]:
    """All that stand in them in one piece, but for themselves."""
    return (
        words[first : first + size] for size in range(1, len(words)) for first in range(len(words) - size + 1)
    )


def _number(words: Words, key: bytes) -> int:
    """Never that of a name."""
    digest = blake2b("\0".join(words).encode(), key=key, digest_size=4).digest()
    return int.from_bytes(digest) or 1
