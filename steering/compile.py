"""A policy and a tokenizer become the folder that an engine steers by: whole or not at all.

Rules: windows, names and secrets are those of the snapshot (`index.build`), taken from the same texts by
the same functions. Texts are read, hashed and masked with the key, and dropped.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.derive import derive_all
from index.key import commitment, entry_number, key_id
from index.knowledge import retain_texts
from index.manifest import fold_version
from index.passage import passage_units
from index.phrases import STRONG_BITS, PlainPhrase, holders, owned_phrases, weakened
from index.progress import Progress, silent
from index.publishing import publish
from index.rolling import Hashes, WordHash, digests
from index.snapshot import describe
from index.table_builder import NONE as NO_DIGESTS
from index.table_builder import stands_in
from index.whole_text import WholeText
from policy.digest import contents_digest
from policy.finding import Detector
from policy.policy import Policy
from steering.artefact import ENTRIES, FIGURES, FIRSTS, PHRASES, SINGLES, WORDS
from steering.book import CASED, NAME, STRONG
from steering.chain import ENDS, Chain, context_of
from steering.manifest import ArtefactManifest
from steering.masked import NONE, MaskedTable, masked_table
from steering.paths import paths_table
from steering.unit_list import unit_list
from steering.vocabulary import Vocabulary

# Of the words that everybody uses, so many.
COMMON = 20_000


@dataclass(frozen=True, slots=True)
class Owned:
    """A phrase and the place of its entry."""

    entry: int
    phrase: PlainPhrase

    @property
    def marks(self) -> int:
        is_name = self.phrase.detector is Detector.NAME
        strong = is_name or int(self.phrase.bits) >= STRONG_BITS
        return NAME * is_name | STRONG * strong | CASED * self.phrase.cased


@dataclass(frozen=True, slots=True)
class Passage:
    """`window`: how many units in a row of it are one."""

    entry: int
    words: Sequence[str]
    window: int


@dataclass(frozen=True, slots=True)
class Numbered:
    """Units by number, in the order of their hashes."""

    texts: Sequence[str]
    hashes: Hashes
    number: Mapping[str, int] = field(repr=False)

    @classmethod
    def of(cls, texts: Sequence[str], word_hash: WordHash) -> "Numbered":
        hashes = word_hash.many(texts)
        order = np.argsort(hashes, kind="stable")
        ordered = [texts[place] for place in order.tolist()]
        return cls(ordered, hashes[order], {text: number for number, text in enumerate(ordered)})

    def all(self, texts: Sequence[str]) -> NDArray[np.uint32]:
        return np.fromiter(map(self.number.__getitem__, texts), dtype=np.uint32, count=len(texts))


def build(
    policy: Policy,
    folder: Path,
    key: bytes,
    vocabulary: Vocabulary,
    generation: int,
    tell: Progress = silent,
) -> ArtefactManifest:
    """The artefact that goes with this generation of the snapshot. Raises BuildError."""
    retain = retain_texts(policy.entries)
    owned = _owned(policy, retain, key)
    passages = list(_passages(policy))
    tell("reading the policy", 1, 1)
    units = Numbered.of(_texts(owned, passages), WordHash(key))
    words, figures = (_phrases(owned, units, key, name) for name in (WORDS, FIGURES))
    tell("hashing phrases", len(owned), len(owned))
    chains = list(_chains(passages, retain, units, key, tell))
    listed = unit_list(units.texts, _common(), key)
    tell("masking words", len(listed), len(listed))

    def write(draft: Path) -> None:
        listed.save(draft)
        words.save(draft, WORDS)
        figures.save(draft, FIGURES)
        for chain in chains:
            chain.save(draft)
        _save_phrases(draft, owned, units)
        numbers = [entry_number(key, entry.id) for entry in policy.entries]
        np.save(draft / ENTRIES, np.array(numbers, dtype=np.int64), allow_pickle=False)

    def say(number: int, arrays: Path) -> ArtefactManifest:
        return ArtefactManifest(
            number=number,
            generation=generation,
            contents=commitment(key, contents_digest(policy)),
            key_id=key_id(key),
            fold=fold_version(),
            tokenizer=vocabulary.fingerprint,
            windows=tuple(chain.window for chain in chains),
            entries=tuple(entry.id for entry in policy.entries),
            files={path.name: describe(path) for path in sorted(arrays.iterdir())},
        ).sealed(key)

    return publish(folder, write, say, ArtefactManifest.kind)


def _owned(policy: Policy, retain: Mapping[str, str], key: bytes) -> list[Owned]:
    owned = owned_phrases(policy.entries, derive_all(policy.entries))
    phrases = [phrase for _, phrase in owned]
    known = weakened(phrases, holders(phrases, retain, key))
    return [Owned(entry, phrase) for (entry, _), phrase in zip(owned, known, strict=True)]


def _passages(policy: Policy) -> Iterator[Passage]:
    if policy.verbatim is None:
        return
    for place, entry in enumerate(policy.entries):
        for number in range(len(entry.passages)):
            words = passage_units(entry, number)
            yield Passage(place, words, min(policy.verbatim.window, len(words)))


def _texts(owned: Sequence[Owned], passages: Sequence[Passage]) -> list[str]:
    """Every unit once."""
    found = {unit for passage in passages for unit in passage.words}
    found.update(unit for each in owned for sequence in each.phrase.sequences for unit in sequence)
    return sorted(found)


def _phrases(owned: Sequence[Owned], units: Numbered, key: bytes, name: str) -> MaskedTable:
    """Of the numbers among them, or of all others."""
    found = [
        (sequence, owner)
        for owner, each in enumerate(owned)
        if each.phrase.numeric == (name == FIGURES)
        for sequence in each.phrase.sequences
    ]
    sequences = [[units.number[unit] for unit in sequence] for sequence, _ in found]
    return paths_table(sequences, [owner for _, owner in found], units.hashes, WordHash(key).base, key, name)


def _save_phrases(folder: Path, owned: Sequence[Owned], units: Numbered) -> None:
    """Whose each phrase is, and the first units of phrases of one unit and of several."""
    sequences = [seq for each in owned if not each.phrase.numeric for seq in each.phrase.sequences]
    for name, several in ((SINGLES, False), (FIRSTS, True)):
        firsts = {units.number[sequence[0]] for sequence in sequences if (len(sequence) > 1) == several}
        np.save(folder / name, np.array(sorted(firsts), dtype=np.uint32), allow_pickle=False)
    entries = np.array([each.entry for each in owned], dtype=np.uint32)
    marks = np.array([each.marks for each in owned], dtype=np.uint8)
    np.save(folder / f"{PHRASES}.entries.npy", entries, allow_pickle=False)
    np.save(folder / f"{PHRASES}.marks.npy", marks, allow_pickle=False)


def _chains(
    passages: Sequence[Passage], retain: Mapping[str, str], units: Numbered, key: bytes, tell: Progress
) -> Iterator[Chain]:
    word_hash = WordHash(key)
    texts = [word_hash.many(WholeText.of(text).words) for text in retain] if passages else []
    done = 0
    for window in sorted({passage.window for passage in passages}):
        chosen = [passage for passage in passages if passage.window == window]
        innocent = [digests(hashes, window, word_hash.base) for hashes in texts]
        yield _chain(window, chosen, np.sort(np.concatenate([NO_DIGESTS, *innocent])), units, key)
        done += len(chosen)
        tell("hashing passages", done, len(passages))


def _chain(window: int, passages: Sequence[Passage], innocent: Hashes, units: Numbered, key: bytes) -> Chain:
    base, context = WordHash(key).base, context_of(window)
    parts, starts, first = [], [], 0
    for passage in passages:
        numbers = units.all(passage.words)
        hashes = units.hashes[numbers]
        rows = np.full((len(numbers) - context + 1, 2), NONE, dtype=np.uint32)
        rows[:-1, 0] = numbers[context:]
        rows[:, 1] = np.arange(first + context, first + len(numbers) + 1)
        forgotten = ~stands_in(digests(hashes, window, base), innocent)
        rows[window - 1 - context : -1, 1] |= np.where(forgotten, ENDS, 0).astype(np.uint32)
        parts.append((context, digests(hashes, context, base), rows))
        starts.append(first)
        first += len(numbers) + 1
    table = masked_table(parts, key, f"window{window}")
    entries = np.array([passage.entry for passage in passages], dtype=np.uint32)
    return Chain(window, table, np.array(starts, dtype=np.uint32), entries, base)


def _common() -> list[str]:
    """Sorted, on the fold."""
    from wordfreq import top_n_list

    return sorted(set(WholeText.of(" ".join(top_n_list("en", COMMON))).words))
