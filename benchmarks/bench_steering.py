"""What steering costs an engine: memory and start-up for many windows, and time for every token of a row.

Prose and vocabulary are invented, as for the exact detectors: a token is a word with or without the space
before it, a part of a word, or a byte. Time is that of the processor; a step is what one row costs for one
token: taking the token, and asking what must not come next. All of it in one process, so that memory can be
told from that of the vocabulary alone.

    python -m benchmarks.bench_steering [WINDOWS]
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.bench_index import prose
from policy.entry import Entry
from policy.policy import Policy, Verbatim
from steering.artefact import Artefact
from steering.compile import build
from steering.matcher import Matcher
from steering.vocabulary import Vocabulary

KEY = bytes(range(32))
WINDOW, PASSAGE, PASSAGES = 8, 107, 10
STREAM = 20_000
SLICE, PASSES = 200, 5
END = 0


def vocabulary() -> Vocabulary:
    words = sorted({token for token in prose(200_000, 5) if token != "."})
    parts = sorted({word[1 : 1 + size] for word in words for size in (2, 3, 4)})
    texts = [*words, *(word[1:] for word in words), *parts]
    pieces = [b"", *(bytes([byte]) for byte in range(256)), *dict.fromkeys(text.encode() for text in texts)]
    return Vocabulary(tuple(pieces), frozenset({END}), frozenset({END}))


def policy(windows: int) -> Policy:
    """Every entry has so many passages, of a hundred windows each, and a name."""
    each = PASSAGES * (PASSAGE - WINDOW + 1)
    words = [token.strip() for token in prose(windows * 2, 2) if token != "."]
    entries = []
    for number in range(-(-windows // each)):
        at = number * PASSAGES * PASSAGE
        texts = [" ".join(words[at + n * PASSAGE : at + (n + 1) * PASSAGE]) for n in range(PASSAGES)]
        entries.append(Entry(f"entry-{number}", names=(f"Zq{number}a Wx{number}b",), passages=tuple(texts)))
    return Policy(tuple(entries), "d" * 64, verbatim=Verbatim(WINDOW, 2))


def spelled(words: Iterable[str], known: Vocabulary) -> list[int]:
    number = {piece: place for place, piece in enumerate(known.pieces)}
    return [number[word.encode()] for word in words]


def microseconds(matcher: Matcher, tokens: Sequence[int], step: Callable[[Matcher, int], object]) -> float:
    """The best of several passes over each slice, a copy of the row going over it each time."""
    total = 0.0
    for first in range(0, len(tokens), SLICE):
        part = tokens[first : first + SLICE]
        total += min(_seconds(matcher.copy(), part, step) for _ in range(PASSES))
        for token in part:
            matcher.push([token])
    return total / len(tokens) * 1e6


def _seconds(matcher: Matcher, tokens: Sequence[int], step: Callable[[Matcher, int], object]) -> float:
    began = time.process_time()
    for token in tokens:
        step(matcher, token)
    return time.process_time() - began


def _step(matcher: Matcher, token: int) -> None:
    matcher.push([token])
    matcher.edit()


def private_bytes() -> int:
    """What this process alone has in memory: neither mapped files nor what it shares."""
    resident, shared = Path(f"/proc/{os.getpid()}/statm").read_text().split()[1:3]
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def main(windows: int) -> None:
    known = vocabulary()
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        build(policy(1000), small, KEY, known, 1)
        forgotten = policy(windows)
        began = time.process_time()
        build(forgotten, large, KEY, known, 1)
        print(f"{'building':34} {time.process_time() - began:8.1f} s, {windows} windows, {known.size} tokens")
        quiet = Artefact.load(small, KEY, known)
        before, began = private_bytes(), time.process_time()
        artefact = Artefact.load(large, KEY, known)
        print(f"{'loading':34} {time.process_time() - began:8.1f} s")
        stored = sum(path.stat().st_size for path in large.rglob("*") if path.is_file())
        print(f"{'files, mapped':34} {stored / windows:8.1f} bytes a window")
        print(f"{'memory, private':34} {(private_bytes() - before) / windows:8.1f} bytes a window")
        rows(artefact, quiet, known, forgotten)


def rows(artefact: Artefact, quiet: Artefact, known: Vocabulary, forgotten: Policy) -> None:
    other = [token for token in prose(STREAM, 5) if token != "."]
    clean = spelled(other, known)
    passage = spelled((f" {word}" for word in forgotten.entries[0].passages[0].split()[: WINDOW - 1]), known)
    in_it = [token for _ in range(50) for token in [*passage, *clean[:1]]]
    cases = {
        "no active entry": (artefact.matcher(frozenset()), clean),
        "1,000 windows, nothing in sight": (quiet.matcher(), clean),
        "all windows, nothing in sight": (artefact.matcher(), clean),
        "all windows, passages all the time": (artefact.matcher(), in_it),
    }
    for name, (matcher, tokens) in cases.items():
        print(f"{name:34} {microseconds(matcher, tokens, _step):8.2f} us a token")
    prompt, began = artefact.matcher(), time.process_time()
    prompt.push(clean, prompt=True)
    print(f"{'a prompt':34} {(time.process_time() - began) / len(clean) * 1e6:8.2f} us a token")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
