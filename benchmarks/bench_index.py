"""What the exact detectors cost a stream, by step, and how many words they hold back.

Prose is invented: word frequencies fall off as in English, tokens are words with the space before them. Every
step is timed in slices, the best of several passes each, so that other processes disturb little.
"""

import random
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from index.follower import Follower
from index.pattern_table import PatternTable
from index.rolling import WordHash
from index.table_builder import TableBuilder
from index.units import DigitReader, UnitReader, units

T = TypeVar("T")

KEY = bytes(range(32))
FORGOTTEN = 100_000
STREAM = 50_000
SLICE = 400
PASSES = 7


def prose(words: int, seed: int) -> list[str]:
    """Tokens. The vocabulary and its frequencies are the same for every seed."""
    chance = random.Random(1)
    syllables = [c + v + d for c in "bdfklmnprst" for v in "aeiou" for d in ("", "n", "r", "s")]
    vocabulary = ["".join(chance.choices(syllables, k=chance.randint(1, 3))) for _ in range(20_000)]
    weights = [1.0 / (rank + 3) for rank in range(len(vocabulary))]
    chance = random.Random(seed)
    chosen = chance.choices(vocabulary, weights, k=words)
    return [
        token for word in chosen for token in ([f" {word}"] if chance.random() < 0.88 else [f" {word}", "."])
    ]


def passages(word_hash: WordHash) -> PatternTable:
    builder, tokens = TableBuilder(KEY, 2), prose(FORGOTTEN, 2)
    for first in range(0, len(tokens) - 100, 100):
        text = "".join(tokens[first : first + 100])
        builder.add(word_hash.many([unit.text for unit in units(text)]), 8, first)
    return builder.build()


def pairs(word_hash: WordHash, count: int) -> PatternTable:
    """Names: two words each, rare ones."""
    builder, chance = TableBuilder(KEY, 0), random.Random(3)
    for owner in range(count):
        builder.add(word_hash.many([f"{chance.getrandbits(40):x}" for _ in range(2)]), 2, owner)
    return builder.build()


def numbers(word_hash: WordHash, count: int) -> PatternTable:
    builder, chance = TableBuilder(KEY, 0), random.Random(4)
    for owner in range(count):
        builder.add(word_hash.many(chance.choices("0123456789", k=10)), 10, owner)
    return builder.build()


def microseconds(step: Callable[[T], object], items: Sequence[T], per: int) -> float:
    total = 0.0
    for first in range(0, len(items), SLICE):
        total += min(_seconds(step, items[first : first + SLICE]) for _ in range(PASSES))
    return total / per * 1e6


def _seconds(step: Callable[[T], object], items: Sequence[T]) -> float:
    began = time.perf_counter()
    for item in items:
        step(item)
    return time.perf_counter() - began


def main() -> None:
    word_hash = WordHash(KEY)
    tokens = prose(STREAM, 5)
    read = units("".join(tokens))
    hashes = [word_hash(unit.text) for unit in read]
    table = passages(word_hash)
    reader, digit_reader, following = UnitReader(), DigitReader(), Follower(numbers(word_hash, 10_000))

    def digits(token: str) -> None:
        for unit in digit_reader.feed(token):
            following.push(word_hash(unit.text))

    steps = {
        "reading units": microseconds(reader.feed, tokens, len(read)),
        "hashing": microseconds(word_hash, [unit.text for unit in read], len(read)),
        "following passages": microseconds(Follower(table).push, hashes, len(read)),
        "following names": microseconds(Follower(pairs(word_hash, 10_000)).push, hashes, len(read)),
        "digits": microseconds(digits, tokens, len(read)),
    }
    for name, cost in steps.items():
        print(f"{name:20} {cost:6.2f} us a word")
    print(f"{'all':20} {sum(steps.values()):6.2f} us a word")
    print(f"{'held back':20} {_held(table, hashes):6.3f} words of {table.longest}, {FORGOTTEN} forgotten")


def _held(table: PatternTable, hashes: Sequence[int]) -> float:
    follower, held = Follower(table), 0
    for word in hashes:
        follower.push(word)
        held += follower.held
    return held / len(hashes)


if __name__ == "__main__":
    main()
