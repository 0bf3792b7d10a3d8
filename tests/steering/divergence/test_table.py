"""The table answers as a dictionary would, and tells nothing without its key."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steering.divergence.ngrams import Context
from steering.divergence.pair import Excess
from steering.divergence.table import FILES, Places, Table

KEY, OTHER = b"1" * 32, b"2" * 32
CONTEXTS = st.lists(st.integers(0, 3), max_size=3).map(tuple)
LISTS = st.dictionaries(st.integers(0, (1 << 21) - 1), st.floats(1, 40), min_size=1, max_size=4)
ALL = st.dictionaries(st.integers(0, (1 << 63) - 1), st.dictionaries(CONTEXTS, LISTS, max_size=3), max_size=2)


def read(table: Table, contexts: list[Context], entries: list[int], key: bytes = KEY) -> dict[int, float]:
    where, masks = Places(key).of(contexts, np.array(entries, np.uint64))
    rows, hit = table.find(where)
    found = table.read(rows[hit], masks[hit], np.nonzero(hit)[0]).found()
    assert len(set(found.tokens.tolist())) == len(found.tokens)
    return dict(zip(found.tokens.tolist(), found.excess.tolist(), strict=True))


def in_dictionaries(said: dict[int, Excess], contexts: list[Context], entries: list[int]) -> dict[int, float]:
    """The largest excess of every token, as written down."""
    most: dict[int, float] = {}
    for entry in entries:
        for context in contexts:
            for token, by in said.get(entry, {}).get(context, {}).items():
                most[token] = max(by, most.get(token, 0.0))
    return {token: min(by, 2047 / 64) for token, by in most.items()}


@given(ALL, CONTEXTS, st.integers(0, 9))
def test_it_answers_as_dictionaries_do(said: dict[int, Excess], context: Context, other: int) -> None:
    contexts = list(dict.fromkeys([(), context[-1:], context]))
    entries = list(dict.fromkeys([*said, other]))[:2]

    found = read(Table.made(said.items(), KEY), contexts, entries)

    assert found == pytest.approx(in_dictionaries(said, contexts, entries), abs=1 / 128)


def test_it_is_the_same_after_saving(tmp_path: Path) -> None:
    said: dict[int, Excess] = {7: {(): {3: 2.0}, (1, 2): {4: 5.0, 3: 6.0}}}
    Table.made(said.items(), KEY).save(tmp_path)

    assert read(Table.load(tmp_path), [(), (1, 2)], [7]) == {3: 6.0, 4: 5.0}


def test_another_key_finds_nothing_and_another_mask_reads_nothing() -> None:
    said: dict[int, Excess] = {7: {(): dict.fromkeys(range(100), 3.0)}}
    table = Table.made(said.items(), KEY)
    _, masks = Places(OTHER).of([()], np.array([7], np.uint64))

    assert len(read(table, [()], [7])) == 100
    assert read(table, [()], [7], OTHER) == {}
    guessed = table.read(np.array([0]), masks[0], np.array([0])).found()
    assert len(set(guessed.tokens.tolist()) & set(range(100))) < 5


def test_arrays_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    Table.made([(7, {(): {3: 2.0}})], KEY).save(tmp_path)
    np.save(tmp_path / FILES[1], np.array([0], np.uint32))

    with pytest.raises(ValueError, match="belong together"):
        Table.load(tmp_path)
