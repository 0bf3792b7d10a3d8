"""The units that would go on with what is in sight, told apart by what would be complete then.

Rule: of very many passages that say the same for a while, each unit is looked at once.
"""

from dataclasses import dataclass, field

import numpy as np

from index.rolling import MASK
from steering.book import CASED, Book, Sight
from steering.chain import Chain, Runs
from steering.masked import NONE
from steering.paths import Begun, Said
from steering.rules import Rules


@dataclass(slots=True)
class Targets:
    """Units by number. `ends`: something forbidden is complete with them; `cased`: if they are capitalised.
    `further`: more units have to follow, which one token may say together with them.
    """

    ends: set[int] = field(default_factory=set)
    cased: set[int] = field(default_factory=set)
    further: set[int] = field(default_factory=set)


def targets_of(book: Book, sight: Sight, rules: Rules, most_units: int) -> Targets:
    """`most_units`: of one token."""
    found = Targets()
    for begun in sight.live:
        _add_phrases(found, book, begun, rules)
    for chain, runs in zip(book.chains, sight.runs, strict=True):
        if runs.longest + most_units >= chain.window:
            _add_windows(found, book, chain, runs, sight, rules)
            near = (runs.lengths + most_units >= chain.window) & (runs.units != NONE)
            found.further.update(runs.units[near].tolist() if most_units > 1 else ())
    found.further -= found.ends
    return found


def _add_phrases(found: Targets, book: Book, begun: Begun, rules: Rules) -> None:
    for unit, owner in begun.rows:
        if unit == NONE:
            continue
        if owner == NONE:
            found.further.add(unit)
            continue
        word = book.word_hash.of(book.units.text(unit))
        digest = (begun.digest * book.word_hash.base + word) & MASK
        if rules.forbids(Said(owner, begun.length + 1, digest, begun.capitals)):
            (found.cased if book.phrases.marks[owner] & CASED else found.ends).add(unit)


def _add_windows(found: Targets, book: Book, chain: Chain, runs: Runs, sight: Sight, rules: Rules) -> None:
    ending = chain.ending(runs)
    if not ending.any():
        return
    entries, units = chain.owners(runs.places[ending]), runs.units[ending]
    if not rules.supplies:
        found.ends.update(units[rules.forbids_windows(entries, 0)].tolist())
        return
    for unit in np.unique(units).tolist():
        word = book.word_hash.of(book.units.text(unit))
        digest = book.digest((*sight.recent[1 - chain.window :], word))
        if rules.forbids_windows(entries[units == unit], digest).any():
            found.ends.add(unit)
