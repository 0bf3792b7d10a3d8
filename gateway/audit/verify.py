"""Whether a log is what was written: every line read, every digest made again.

Rules: the log may be larger than memory and may be growing. An unfinished line at the end is what a crash
leaves, not a change. Several files are one chain, the older first. With keys, each line that says it is
signed must be, by one of them, and there must be one. Digests that are given from elsewhere must be found.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from gateway.audit.lines import lines_of
from gateway.audit.signer import EVENT
from index.chain import LINE_BYTES, Head, signed_by
from policy.signing_key import PublicKey

# How many bytes of how many are read.
Progress = Callable[[int, int], None]

DIGEST = re.compile(r"[0-9a-f]{64}")
_REPORT_LINES = 50_000


@dataclass(frozen=True, slots=True)
class Verified:
    """`head` is the digest of the last line: keep it elsewhere, and a log cut short later will show."""

    lines: int
    head: str
    first: int = 0
    torn_bytes: int = 0
    problem: str | None = None
    signatures: int = 0
    unsigned: int = 0

    @property
    def ok(self) -> bool:
        return self.problem is None

    def __str__(self) -> str:
        said = f"{self.lines} lines follow from one another; head {self.head}"
        if self.first:
            said += f"; they go on from line {self.first} of an older file: name it first, to check that too"
        if self.signatures:
            said += f"; {self.signatures} signatures hold, {self.unsigned} lines came after the last"
        if self.torn_bytes:
            said += f"; {self.torn_bytes} bytes at the end are a line that a crash left unfinished"
        return said if self.problem is None else f"{self.problem} (before it: {said})"


def verify(
    *paths: Path,
    progress: Progress | None = None,
    keys: Collection[PublicKey] = (),
    heads: Collection[str] = (),
) -> Verified:
    """Follow the chain from its first line."""
    walk = _Walk(sum(path.stat().st_size for path in paths), progress, keys, set(heads))
    for path in paths:
        problem = walk.through(path)
        if problem is not None:
            return walk.result(problem)
    if progress is not None:
        progress(walk.total, walk.total)
    return walk.result(walk.missing(paths[-1]))


@dataclass(slots=True)
class _Walk:
    total: int
    progress: Progress | None
    keys: Collection[PublicKey]
    wanted: set[str]
    head: Head = field(default_factory=Head)
    first: int = 0
    lines: int = 0
    done: int = 0
    torn: int = 0
    signatures: int = 0
    signed_at: int = 0

    def through(self, path: Path) -> str | None:
        """What is wrong with the file, and where."""
        start = self.done
        for number, raw in enumerate(lines_of(path), 1):
            problem = self._step(raw, number == 1)
            if problem is not None:
                return f"{path}: line {number} at byte {self.done - start}: {problem}"
            self.done += len(raw)
            if self.progress is not None and number % _REPORT_LINES == 0:
                self.progress(self.done, self.total)
        return None

    def result(self, problem: str | None = None) -> Verified:
        after = self.lines - self.signed_at
        return Verified(
            self.lines, self.head.previous, self.first, self.torn, problem, self.signatures, after
        )

    def missing(self, last: Path) -> str | None:
        """What should be in the log, as is known from elsewhere, and is not."""
        if self.keys and not self.signatures:
            return f"{last}: expected a signature of {_named(self.keys)}, found none in {self.lines} lines"
        if self.wanted:
            return (
                f"{last}: expected a line with the digest {min(self.wanted)}, found none; "
                "lines were taken out or changed"
            )
        return None

    def _step(self, raw: bytes, opens: bool) -> str | None:
        if not raw.endswith(b"\n"):
            self.torn = len(raw)
            return f"is longer than {LINE_BYTES} bytes" if len(raw) == LINE_BYTES else None
        self.torn = 0
        line = raw[:-1]
        try:
            if line.startswith(self.head.opening):
                said = orjson.loads(line)
                if (problem := self._signature(said, line)) is not None:
                    return problem
            elif (problem := self._elsewhere(line, opens)) is not None:
                return problem
        except ValueError:
            return "is not a record"
        self.head = self.head.after(line)
        self.lines += 1
        if self.wanted:
            self.wanted.discard(self.head.previous)
        return None

    def _signature(self, said: Mapping[str, object], line: bytes) -> str | None:
        """What is wrong with the signature of a line that says it is one."""
        if not self.keys or said.get("event") != EVENT:
            return None
        if not any(signed_by(line, key) for key in self.keys):
            return (
                f"expected the signature of {' or '.join(key.id for key in self.keys)}, found none that holds"
            )
        self.signatures, self.signed_at = self.signatures + 1, self.lines + 1
        return None

    def _elsewhere(self, line: bytes, opens: bool) -> str | None:
        """What a line means that does not go on where the chain stands."""
        found = Head.read(line)
        if opens and self.lines == 0 and _goes_on(found, line):
            self.head, self.first = found, found.sequence
        if found == self.head:
            return None
        return _difference(found, self.head, opens and self.lines > 0)


def _named(keys: Collection[PublicKey]) -> str:
    return " or ".join(key.id for key in keys)


def _goes_on(found: Head, line: bytes) -> bool:
    """Whether this is the first line of a file that took the place of an older one."""
    return DIGEST.fullmatch(found.previous) is not None and orjson.loads(line).get("event") == "rotated"


def _difference(found: Head, expected: Head, opens: bool) -> str:
    if opens and found == Head():
        return "begins a chain of its own and does not follow from the file before"
    if found.sequence != expected.sequence:
        return (
            f"expected sequence {expected.sequence}, found {found.sequence}; lines were taken out or put in"
        )
    return "does not follow from the line before; one of the two was changed"
