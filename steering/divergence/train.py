"""A policy's entries become a folder that an engine steers by.

Rules: the whole folder is made anew and replaces the last one in one step; entries are trained one by one, so
memory holds what must keep working and one entry.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.derive import derive_phrases
from index.key import commitment, entry_number, key_id
from index.progress import Progress, silent
from index.publishing import publish
from index.snapshot import describe
from policy.digest import contents_digest
from policy.policy import Policy
from steering.divergence.form import ALPHA, TOP, Form
from steering.divergence.manifest import DivergenceManifest
from steering.divergence.pair import Excess, excess, retained
from steering.divergence.reader import Reader
from steering.divergence.table import LARGEST_TOKEN, Table
from steering.divergence.vouched import vouched
from steering.vocabulary import Vocabulary, VocabularyError


@dataclass(frozen=True, slots=True)
class Recipe:
    form: Form = Form.LINEAR
    alpha: float = ALPHA
    top: int = TOP


def train(
    policy: Policy, tokenizer: Path, folder: Path, key: bytes, recipe: Recipe, report: Progress = silent
) -> DivergenceManifest:
    """Raises VocabularyError where the tokenizer cannot be used."""
    vocabulary = Vocabulary.load(tokenizer)
    if vocabulary.size > LARGEST_TOKEN:
        raise VocabularyError(f"{tokenizer}: expected at most {LARGEST_TOKEN} tokens")
    table = Table.made(_found(policy, Reader.load(tokenizer, vocabulary), key, report), key)
    others = vouched(policy.entries, key)

    def write(arrays: Path) -> None:
        table.save(arrays)
        others.save(arrays)

    def say(generation: int, arrays: Path) -> DivergenceManifest:
        return DivergenceManifest(
            generation=generation,
            contents=commitment(key, contents_digest(policy)),
            key_id=key_id(key),
            tokenizer=vocabulary.fingerprint,
            form=recipe.form,
            alpha=recipe.alpha,
            top=recipe.top,
            entries=tuple(entry.id for entry in policy.entries),
            files={path.name: describe(path) for path in sorted(arrays.iterdir())},
        ).sealed(key)

    return publish(folder, write, say, DivergenceManifest.kind)


def _found(policy: Policy, reader: Reader, key: bytes, report: Progress) -> Iterator[tuple[int, Excess]]:
    total = len(policy.entries)
    report("reading what must keep working", 0, 1)
    retain = retained(policy.entries, reader)
    report("reading what must keep working", 1, 1)
    for place, entry in enumerate(policy.entries):
        names = entry.names or derive_phrases(entry).names
        yield entry_number(key, entry.id), excess(entry, names, retain, reader)
        report("training entries", place + 1, total)
