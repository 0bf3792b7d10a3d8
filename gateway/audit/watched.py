"""What the log tells of a request that is only monitored: what would have been withheld of real traffic.

Rule: numbers and ids only; a line that is no record tells nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.audit.lines import lines_of

# Of requests that were not looked through nothing is known.
UNSEEN: Final = frozenset({"skipped", "failed"})
# What a verdict may do without anything being withheld.
_HARMLESS: Final = frozenset({"allow", "flag"})
PROMPT: Final = "prompt"


@dataclass(slots=True)
class Watched:
    """`seen`: requests that were looked through. `prompts`, `answers`: of which something would be withheld.

    `unseen`: requests that were not.
    """

    seen: int = 0
    refused: int = 0
    prompts: int = 0
    answers: int = 0
    unseen: int = 0

    @property
    def withheld(self) -> int:
        return self.refused + self.prompts + self.answers

    @property
    def share(self) -> float:
        return self.withheld / self.seen if self.seen else 0.0


def watched_of(logs: Iterable[Path], entry: str) -> Watched:
    """Of one entry, in all these logs."""
    watched = Watched()
    for record in _records(logs):
        if record.get("outcome") in UNSEEN:
            watched.unseen += 1
        else:
            watched.seen += 1
            _add(watched, record, entry)
    return watched


def _add(watched: Watched, record: dict[str, Any], entry: str) -> None:
    """What this entry alone would have done about the request."""
    own = [one for one in record.get("findings") or () if one.get("entry") == entry]
    acted = [one for one in own if one.get("action") not in _HARMLESS]
    prompt = [one for one in acted if one.get("surface") == PROMPT]
    if any(one.get("action") == "refuse" for one in prompt):
        watched.refused += 1
    elif prompt:
        watched.prompts += 1
    elif acted:
        watched.answers += 1


def _records(logs: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for log in logs:
        for line in lines_of(log):
            # Looked for in the bytes first: reading a line as JSON takes much longer.
            if b'"monitored"' not in line:
                continue
            try:
                record = orjson.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and record.get("event") == "monitored":
                yield record
