"""The finished tries of a run, one JSON line each, so that a run that was ended goes on where it was.

The rule: a line is written when its try is done and is either whole or cut away when it is read; a try that
failed is asked again by the next run.
"""

import json
from dataclasses import asdict
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from evaluation.run_row import Arm, Found, Outcome

Key = tuple[str, Arm, int, int]


class Journal:
    """The outcomes of one target, by row, arm, number and sample; the last one of a try counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BufferedWriter | None = None
        self.outcomes: dict[Key, Outcome] = {}

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        whole = self._read()
        self._file = self._path.open("ab")
        self._file.truncate(whole)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def _read(self) -> int:
        """How many bytes are whole lines."""
        data = self._path.read_bytes() if self._path.exists() else b""
        whole = data.rfind(b"\n") + 1
        for line in data[:whole].splitlines():
            self._take(_outcome(json.loads(line)))
        return whole

    def done(self, row: str, arm: Arm, number: int, sample: int) -> bool:
        found = self.outcomes.get((row, arm, number, sample))
        return found is not None and found.failure is None

    def add(self, outcome: Outcome) -> None:
        assert self._file is not None
        self._file.write(json.dumps(asdict(outcome), ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        self._take(outcome)

    def _take(self, outcome: Outcome) -> None:
        self.outcomes[outcome.row, outcome.arm, outcome.number, outcome.sample] = outcome


def _outcome(record: dict[str, Any]) -> Outcome:
    found = record["found"]
    kinds = {"arm": Arm(record["arm"]), "found": None if found is None else Found(found)}
    times = {name: tuple(record[name]) for name in ("ms", "bare_ms")}
    return Outcome(**{**record, **kinds, **times})
