"""What searching a million vectors adds to a call of the encoder, and what it finds of what there is.

    python -m benchmarks.vector_scale docs/results/vector-scale.md

Rules: what is found is compared with every vector; times are of processor time, both measured in turn in one
process. The threshold is calibrated on texts that stand nowhere in the index, by comparing every vector.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import NDArray

from benchmarks.markdown import table
from evaluation.world import generated_world
from index.calibration import quantile
from index.date_index import DateIndex
from index.encoder import MiniLM, Rows
from index.generic import generic_texts
from index.scoring import Knowledge, combined
from index.sentences import sentences
from index.vector_index import VectorIndex
from index.vector_store import VectorStore

SIZES = (10_000, 100_000, 1_000_000)
ENTRY, PIECES = 20, 10
RETAIN = 200_000
PLANTED, INNOCENT, RATE = 1000, 999, 0.001
ROUNDS, BLOCK = 100, 50_000
# How much of the stored vector a text about it keeps: paraphrases of one question lie about so far apart.
KEPT = (0.55, 0.85)
TOKENS = 128
# The best of so many lies far over this: nothing below is looked at closely.
LEAST = 0.5
PAGE = Path(__file__).with_name("vector_scale.page.md")


@dataclass(frozen=True, slots=True)
class Measured:
    vectors: int
    built_s: float
    file_bytes: int
    resident_bytes: int
    call_s: float
    search_s: float
    threshold: float
    texts: float
    entries: float

    @property
    def added(self) -> float:
        return self.search_s / self.call_s


def real_vectors(encoder: MiniLM) -> Rows:
    """Sentences of invented lives, and prose and questions about anything."""
    people = generated_world(7, 150, 150).trained
    said = [
        text[span.start : span.end] for text in (one.biography for one in people) for span in sentences(text)
    ]
    return encoder.encode([*dict.fromkeys(said), *generic_texts()])


def mixed(real: Rows, count: int, seed: int) -> Iterator[Rows]:
    """As real ones lie: each mostly one of them, with parts of two others and something of its own."""
    chance = np.random.default_rng(seed)
    for first in range(0, count, BLOCK):
        size = min(BLOCK, count - first)
        parts = [real[chance.integers(0, len(real), size)] for _ in range(3)]
        own = chance.standard_normal((size, real.shape[1])).astype(np.float32) / np.sqrt(real.shape[1])
        yield _unit(0.55 * parts[0] + 0.3 * parts[1] + 0.15 * parts[2] + 0.35 * own)


def told_again(rows: Rows, other: Rows, seed: int) -> Rows:
    kept = np.random.default_rng(seed).uniform(*KEPT, (len(rows), 1)).astype(np.float32)
    return _unit(kept * rows + (1 - kept) * other)


def measure(real: Rows, count: int, encoder: MiniLM, folder: Path) -> Measured:
    rows = np.concatenate(list(mixed(real, count, 1)))
    start = time.process_time()
    built = VectorIndex.build(rows)
    built_s = time.process_time() - start
    built.save(folder / "rows.faiss")
    del built
    knowledge = _knowledge(VectorIndex.load(folder / "rows.faiss"))
    planted = np.random.default_rng(2).choice(count, PLANTED, replace=False)
    asked = told_again(rows[planted], np.concatenate(list(mixed(real, PLANTED, 3))), 4)
    innocent = np.concatenate(list(mixed(real, INNOCENT, 5)))
    scores = [max(one.values(), default=-1.0) for one in every_score(rows, knowledge.items, innocent, -1.0)]
    threshold = quantile(scores, RATE)
    expected = every_score(rows, knowledge.items, asked, threshold)
    del rows
    found = knowledge.similarities(asked, [frozenset()] * len(asked))
    neighbours = VectorIndex.build(np.concatenate(list(mixed(real, min(count, RETAIN), 6))))
    call, search = _times(encoder, knowledge, neighbours, asked)
    texts, entries = recall(found, expected, threshold)
    size = (folder / "rows.faiss").stat().st_size
    return Measured(count, built_s, size, _resident(), call, search, threshold, texts, entries)


def recall(
    found: list[dict[int, float]], expected: list[dict[int, float]], threshold: float
) -> tuple[float, float]:
    """Of the texts with a hit those that have one, and of all hits those that are there."""
    hits = [{entry for entry, score in one.items() if score >= threshold} for one in found]
    pairs = [(have, set(want)) for have, want in zip(hits, expected, strict=True) if want]
    texts = sum(bool(have) for have, _ in pairs) / len(pairs)
    entries = sum(len(have & want) for have, want in pairs) / sum(len(want) for _, want in pairs)
    return texts, entries


def every_score(rows: Rows, items: NDArray[np.int32], asked: Rows, least: float) -> list[dict[int, float]]:
    """Brute force: of each text the entries with at least this score, where one of their vectors is near."""
    found: list[dict[int, float]] = [{} for _ in asked]
    for first in range(0, len(rows), BLOCK):
        block = asked @ rows[first : first + BLOCK].T
        for entry in range(block.shape[1] // ENTRY):
            own = slice(entry * ENTRY, (entry + 1) * ENTRY)
            near = np.flatnonzero(block[:, own].max(axis=1) >= max(least, LEAST))
            if len(near):
                _score(found, near, block[near, own], items[:ENTRY], first // ENTRY + entry, least)
    return found


def _score(
    found: list[dict[int, float]],
    near: NDArray[np.int64],
    similarities: Rows,
    items: NDArray[np.int32],
    entry: int,
    least: float,
) -> None:
    for text, score in zip(near.tolist(), combined(similarities, items).tolist(), strict=True):
        if score >= least:
            found[text][entry] = score


def _knowledge(index: VectorStore) -> Knowledge:
    entries = len(index) // ENTRY
    items = np.tile(np.arange(ENTRY, dtype=np.int32) // (ENTRY // PIECES), entries)
    none = DateIndex(np.zeros(0, np.uint64), np.zeros(0, np.int32))
    offsets = np.arange(entries + 1, dtype=np.int64) * ENTRY
    return Knowledge(index, items, offsets, none, np.zeros(entries, np.float32))


def _times(
    encoder: MiniLM, knowledge: Knowledge, neighbours: VectorStore, asked: Rows
) -> tuple[float, float]:
    """Medians of one call and of one search, taken in turn."""
    text = " ".join(["the"] * (TOKENS - 2))
    calls, searches = [], []
    for place in range(ROUNDS):
        row = asked[place : place + 1]
        calls.append(_seconds(partial(encoder.encode, [text])))
        searches.append(_seconds(partial(_search, knowledge, neighbours, row)))
    return float(np.median(calls)), float(np.median(searches))


def _search(knowledge: Knowledge, neighbours: VectorStore, row: Rows) -> None:
    knowledge.similarities(row, [frozenset()])
    neighbours.search(row, 1)


def _seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def _unit(rows: Rows) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def page(measured: list[Measured]) -> str:
    rows = [
        [
            f"{one.vectors:,}",
            f"{one.built_s:.0f} s",
            f"{one.file_bytes / 1e6:,.0f} MB",
            f"{1000 * one.search_s:.2f} ms",
            f"{1000 * one.call_s:.1f} ms",
            f"{one.added:.2f}",
            f"{one.texts:.2%}",
            f"{one.entries:.2%}",
        ]
        for one in measured
    ]
    heads = ["vectors", "built in", "file", "search", "call", "added", "texts found", "hits found"]
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        rows=table(heads, iter(rows)), retain=f"{RETAIN:,}", planted=PLANTED, innocent=INNOCENT, entry=ENTRY,
        rounds=ROUNDS, tokens=TOKENS,
    )  # fmt: skip


def main() -> None:
    encoder = MiniLM()
    real, measured = real_vectors(encoder), []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            measured.append(measure(real, size, encoder, Path(folder)))
        print(measured[-1], file=sys.stderr, flush=True)
    text = page(measured)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
