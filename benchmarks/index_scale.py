"""What an exact index of very many passages costs: to build, in memory for each worker, and for each word of
a text that is looked up in it.

`python -m benchmarks.index_scale WORK 10000 100000` writes docs/results/index-scale.json and .md. WORK is a
folder for texts and snapshots: a run that was cut off goes on there, batch by batch, and the time of all runs
is counted. The first size is the one that look-ups are compared with.

Passages have a hundred words, drawn as often as English says them, one without regard to the next. So nearly
every word is known to the index, as the words of a text to be looked up are. Each step runs in a process of
its own.
"""

import argparse
import ctypes
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.machine import this_machine
from benchmarks.markdown import table
from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptScanner, Segment
from index.build import build
from index.snapshot import Snapshot
from policy.file import load_policy
from policy.policy import Policy
from policy.surface import Channel, Role

KEY = bytes(range(32))
NOW = datetime.now(UTC)
CONTENT = TextKey(0, Channel.CONTENT)
WORDS, A_FILE, VOCABULARY = 100, 50_000, 100_000
LOOKED_UP, PASSES = 200, 7
RESULTS = Path(__file__).parents[1] / "docs" / "results"
POLICY = """version: 1
entries:
  - id: texts
    reason: copyright
    passages: [{file: "texts-*.jsonl"}]
detectors: {semantic: null}
"""

Figures = dict[str, float]


class Prose:
    """Words as often as English says them."""

    def __init__(self) -> None:
        from wordfreq import top_n_list, word_frequency

        words = top_n_list("en", VOCABULARY)
        often = np.cumsum([word_frequency(word, "en") for word in words])
        self._words, self._often = np.array(words, dtype=object), often / often[-1]

    def texts(self, count: int, seed: int) -> list[str]:
        drawn = np.random.default_rng(seed).random((count, WORDS))
        chosen = self._words[np.searchsorted(self._often, drawn).clip(0, len(self._words) - 1)]
        return [" ".join(row) for row in chosen]


def write_policy(folder: Path, size: int) -> None:
    """The texts of each file are the same at every size."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(POLICY)
    prose = Prose()
    for number, first in enumerate(range(0, size, A_FILE)):
        path = folder / f"texts-{number:03}.jsonl"
        if not path.exists():
            texts = prose.texts(min(A_FILE, size - first), number)
            draft = path.with_suffix(".draft")
            draft.write_text("".join(json.dumps(text) + "\n" for text in texts))
            draft.replace(path)


def compiled(folder: Path) -> Figures:
    """Builds, or goes on building; what all runs took so far is kept beside the snapshot."""
    took = folder / f"took-{os.getpid()}.json"

    def keep(*_: object) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = used.ru_utime + used.ru_stime
        took.write_text(json.dumps({"cpu_s": seconds, "peak_mib": used.ru_maxrss / 1024}))

    build(load_policy(folder / "policy.yaml", apart=True), folder / "snapshot", KEY, progress=keep)
    keep()
    runs = [json.loads(path.read_text()) for path in folder.glob("took-*.json")]
    return {
        "build, s of one core": sum(run["cpu_s"] for run in runs),
        "build, peak MiB": max(run["peak_mib"] for run in runs),
        "snapshot, MiB": _mebibytes(folder / "snapshot", "[0-9]*/*"),
        "segments, MiB": _mebibytes(folder / "snapshot", "parts/*"),
    }


def _mebibytes(folder: Path, pattern: str) -> float:
    return sum(path.stat().st_size for path in folder.glob(pattern)) / 2**20


class Reader:
    """A worker that looks texts up."""

    def __init__(self, folder: Path) -> None:
        self._snapshot = Snapshot.load(folder / "snapshot", KEY)
        self._policy = Policy((), "0" * 64, semantic=None)
        self._prompts = PromptScanner(self._snapshot, self._policy, "demo", NOW)
        self._asked = self._prompts.scan([Segment(Role.USER, "Go on.", 0, ("messages", 0))])

    def prompts(self, texts: list[str]) -> None:
        for text in texts:
            self._prompts.scan([Segment(Role.USER, text, 0, ("messages", 0))])

    def answers(self, texts: list[str]) -> None:
        for text in texts:
            guard = AnswerGuard(self._snapshot, self._policy, self._asked, model="demo")
            for word in text.split():
                guard.feed(CONTENT, f" {word}")
            guard.finish(CONTENT)


def remembered(folder: Path) -> Figures:
    """Memory that a worker has for itself, after it has loaded the snapshot and looked many texts up."""
    texts, before = Prose().texts(10 * LOOKED_UP, 7_000_000), _own_mebibytes()
    reader = Reader(folder)
    loaded = _own_mebibytes()
    reader.prompts(texts)
    return {"worker, MiB once loaded": loaded - before, "worker, MiB after use": _own_mebibytes() - before}


def _own_mebibytes() -> float:
    """Without what is free, but was not given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def looked_up(small: Path, large: Path) -> Figures:
    """Microseconds of CPU for a word of texts that no passage says; small and large take turns."""
    texts = Prose().texts(LOOKED_UP, 8_000_000)
    readers = {"small": Reader(small), "": Reader(large)}
    figures: Figures = {}
    for name in ("prompts", "answers"):
        took: dict[str, list[float]] = {of: [] for of in readers}
        for _ in range(PASSES):
            for of, reader in readers.items():
                took[of].append(_seconds(getattr(reader, name), texts))
        each = {of: 1e6 * min(seconds) / (LOOKED_UP * WORDS) for of, seconds in took.items()}
        figures[f"{name}, µs a word"] = each[""]
        figures[f"{name}, times that of the smallest"] = each[""] / each["small"]
    return figures


def _seconds(work: Callable[[list[str]], None], texts: list[str]) -> float:
    begun = time.process_time()
    work(texts)
    return time.process_time() - begun


STEPS: dict[str, Callable[[Path, Path], Figures]] = {
    "compile": lambda _, folder: compiled(folder),
    "remember": lambda _, folder: remembered(folder),
    "look up": looked_up,
}


def measure(work: Path, sizes: list[int]) -> dict[int, Figures]:
    """A step that was measured before is not measured again."""
    rows: dict[int, Figures] = {}
    for size in sizes:
        folder, small = work / str(size), work / str(sizes[0])
        write_policy(folder, size)
        row: Figures = {}
        for step in STEPS:
            kept = folder / f"{step} beside {sizes[0]}.json"
            if not kept.exists():
                arguments = [str(work), "--step", step, str(small), str(folder)]
                said = subprocess.run(
                    [sys.executable, "-m", "benchmarks.index_scale", *arguments],
                    check=True,
                    capture_output=True,
                    text=True,
                )
                kept.write_text(said.stdout)
            row |= json.loads(kept.read_text())
        row["build, ms a passage"] = 1000 * row["build, s of one core"] / size
        print(size, row, flush=True)
        rows[size] = row
    return rows


def page(rows: dict[int, Figures], sizes: list[int]) -> str:
    command = f"python -m benchmarks.index_scale WORK {' '.join(map(str, sizes))}"
    names = list(next(iter(rows.values())))
    head = ["passages of 100 words", *(f"{size:,}" for size in rows)]
    lines = ([name, *(f"{row[name]:,.2f}" for row in rows.values())] for name in names)
    return "\n".join([*HEAD, f"Made by `{command}` on {this_machine()}.", "", table(head, lines), ""])


HEAD = (
    "# Very many passages",
    "",
    "What an exact index costs (windows, letters, pairs of telling words; no vectors): to build from files,",
    "reading and merging included; in memory that each worker has for itself beyond the map that all share;",
    "and for a word of a text that is looked up and that no passage says. Words are drawn as often as",
    "English says them, one without regard to the next: no text of a person, so pairs and runs of words",
    "repeat less often than in books, and the figures for look-ups are those of such text.",
    "",
)


def report(work: Path, sizes: list[int]) -> dict[int, Figures]:
    rows = measure(work, sizes)
    RESULTS.mkdir(parents=True, exist_ok=True)
    said = {"machine": str(this_machine()), "rows": rows}
    (RESULTS / "index-scale.json").write_text(json.dumps(said, indent=1) + "\n")
    (RESULTS / "index-scale.md").write_text(page(rows, sizes))
    return rows


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("sizes", type=int, nargs="*", default=[10_000, 100_000])
    arguments.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.step:
        step, small, folder = given.step
        print(json.dumps(STEPS[step](Path(small), Path(folder))))
        return
    report(given.work, given.sizes)


if __name__ == "__main__":
    main()
