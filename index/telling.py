"""How much a phrase tells whose it is, when the subject has another name or none.

Rules:
1. A phrase counts by how rare it is among the entry's own kind: the sources of texts that must keep working,
   and the other entries. What many of them have tells nothing.
2. What stands in another phrase of its entry is no further fact: "1931" says nothing beside "12 March 1931".
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import log2

from index.key import subkey
from index.phrases import PlainPhrase
from policy.finding import Detector

# Where few neighbours are known, one in eight is taken to have what none of the known ones has.
UNSEEN_BITS = 3.0
MOST_APART = 30
# All names of an entry are one fact.
NAME = 0

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """`apart`: by how many bits it sets its entry apart from neighbours. `fact`: a keyed number of what it
    says.
    """

    apart: int
    fact: int


def tellings(
    phrases: Sequence[PlainPhrase],
    owners: Sequence[int],
    held: Mapping[int, Collection[str]],
    sources: int,
    key: bytes,
) -> list[Telling]:
    """For each phrase; `owners` are their entries, `held` says which of so many sources hold which phrase."""
    shared = _shared(phrases, owners)
    for place, holding in held.items():
        shared[place] += len(holding)
    neighbours = sources + max(0, len(set(owners)) - 1)
    facts = _facts(phrases, owners, subkey(key, "facts"))
    return [Telling(_apart(shared[place], neighbours), fact) for place, fact in enumerate(facts)]


def _apart(having: int, neighbours: int) -> int:
    """As many as the known neighbours allow to say."""
    bits = log2((neighbours + 2) / (having + 1))
    return min(MOST_APART, round(bits if having else max(UNSEEN_BITS, bits)))


def _shared(phrases: Sequence[PlainPhrase], owners: Sequence[int]) -> Counter[int]:
    """How many other entries have each phrase."""
    having: defaultdict[Words, set[int]] = defaultdict(set)
    for phrase, owner in zip(phrases, owners, strict=True):
        having[phrase.sequences[0]].add(owner)
    return Counter({place: len(having[phrase.sequences[0]]) - 1 for place, phrase in enumerate(phrases)})


def _facts(phrases: Sequence[PlainPhrase], owners: Sequence[int], key: bytes) -> Iterable[int]:
    known: defaultdict[int, dict[Words, float]] = defaultdict(dict)
    for phrase, owner in zip(phrases, owners, strict=True):
        if phrase.detector is not Detector.NAME:
            known[owner][phrase.sequences[0]] = phrase.bits
    for phrase, owner in zip(phrases, owners, strict=True):
        if phrase.detector is Detector.NAME:
            yield NAME
        else:
            yield _number(_core(phrase.sequences[0], known[owner]), key)


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
